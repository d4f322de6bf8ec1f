{{ config(materialized='table') }}
select * from (values (1, 'anna', 31), (2, 'bert', -4), (3, null, -5), (3, 'dora', 40)) t(id, name, age)
