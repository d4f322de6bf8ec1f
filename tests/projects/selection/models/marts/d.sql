{{ config(tags='weekly') }}
select * from {{ ref('c') }}
