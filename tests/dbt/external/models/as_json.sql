{{ config(materialized='external', format='json') }}
select * from {{ ref('base') }} order by id
