{{ config(materialized='table') }}
select 'ann' as name, 1 as id, cast(1.5 as decimal(10, 2)) as amount, date '2024-01-01' as on_day
