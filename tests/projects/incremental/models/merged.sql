{{ config(materialized='incremental', incremental_strategy='merge', unique_key='id') }}
select id::integer as id, day::date as day, amount::integer as amount
from {{ source('app', 'events') }}
