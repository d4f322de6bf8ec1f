{{ config(materialized='table', event_time='moment') }}
select timestamp '2024-01-01' as moment
