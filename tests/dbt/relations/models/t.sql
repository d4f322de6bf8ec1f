{{ config(materialized='table') }}
select 1 as id, 'a' as name, cast(1.5 as decimal(10, 2)) as amount, true as flag, date '2024-01-01' as day, now() as moment, 1.5::double as d
