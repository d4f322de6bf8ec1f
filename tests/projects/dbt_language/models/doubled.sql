{{ config(materialized='twice') }}
select 7 as n
