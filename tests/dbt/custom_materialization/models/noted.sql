{{ config(materialized='noted_view') }}
select * from {{ ref('doubled') }}
