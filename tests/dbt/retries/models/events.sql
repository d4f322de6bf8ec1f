{{ config(materialized='table', event_time='moment') }}
select moment::timestamp as moment, n from (values ('2024-01-01 05:00', 1), ('2024-01-02 05:00', 2), ('2024-01-03 05:00', 3)) as t (moment, n)
