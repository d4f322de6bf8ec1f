{{ config(materialized='table') }}
select id, email, country, age, signed_up::date as signed_up, left_at::date as left_at, spent
from {{ ref('raw_customers') }}
