{{ config(materialized='external') }}
select * from {{ ref('base') }}
