{{ config(materialized='ephemeral') }}
with inner_cte as (select * from {{ ref('e1') }})
select id + 1 as id from inner_cte
