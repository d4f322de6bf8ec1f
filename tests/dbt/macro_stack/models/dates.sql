{{ config(materialized='table') }}
{% set day = var('day', none) %}{% set at = var('at', none) %}{% set many = var('many', none) %}
select
  '{{ day }} {{ day.year if day }} {{ day.isoformat() if day }}' as a_day,
  '{{ at }} {{ at.hour if at }}' as a_time,
  '{{ var("quoted", none) }} {{ var("quoted", none) is string }} {{ day is string }}' as a_text,
  {%- if many %}
  '{{ many[0] }} {{ many[1]["in"].month }}' as nested,
  '{{ (day + modules.datetime.timedelta(days=1)).strftime("%Y-%m-%d") }}' as later,
  {%- endif %}
  1 as one
