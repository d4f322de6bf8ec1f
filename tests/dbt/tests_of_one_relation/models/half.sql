{{ config(materialized='table') }}
select * from (values (1, 'a'), (2, null), (3, 'c')) as t (id, kind)
