{{ config(materialized='table') }}
{% call set_sql_header(config) %}create or replace macro plus_one(x) as x + 1;{% endcall %}
select plus_one(1) as two
