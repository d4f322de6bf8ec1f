{{ config(tags='t2', materialized='table') }}
select * from {{ ref('b') }}, {{ ref('other') }}
