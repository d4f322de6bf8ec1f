{{ config(materialized='table', event_time='moment') }}
select cast(day as timestamp) + interval 5 hour as moment, cast(epoch(day) // 86400 % 10 as integer) as n
from generate_series(date '2023-12-30', date '2024-01-06', interval 1 day) as t (day)
