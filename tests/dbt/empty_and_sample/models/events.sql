{{ config(materialized='table', event_time='moment') }}
select cast(day as timestamp) as moment, 1 as n from generate_series(date '2024-01-01', date '2024-01-06', interval 1 day) as t (day)
