{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='day') }}
select id::integer as id, day::date as day, amount::integer as amount
from {{ source('app', 'events') }}
