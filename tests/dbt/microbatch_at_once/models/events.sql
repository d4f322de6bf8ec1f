{{ config(materialized='table', event_time='moment') }}
select cast(day as timestamp) + interval (n) hour as moment, cast(epoch(day) // 86400 * 24 + n as integer) as n
from generate_series(date '2024-01-01', date '2024-01-12', interval 1 day) as t (day), generate_series(0, 23) as h (n)
