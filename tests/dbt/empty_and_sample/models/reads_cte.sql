{{ config(materialized='table') }}
select * from {{ ref('cte') }}
