{{ config(materialized='incremental', incremental_strategy='append') }}
select id::integer as id, day::date as day, amount::integer as amount
from {{ source('app', 'events') }}
{% if is_incremental() %}
where id::integer > (select max(id) from {{ this }})
{% endif %}
