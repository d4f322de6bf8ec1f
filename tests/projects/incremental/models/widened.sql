{{ config(materialized='incremental', unique_key='id', on_schema_change=var('on_change', 'append_new_columns')) }}
select id::integer as id, amount::integer as amount {%- if var('wide', false) %}, day::date as day {%- endif %}
from {{ source('app', 'events') }}
