{{ config(materialized='table', tags='file', meta={'level': 3, 'file': true}) }}
select * from {{ ref('plain') }}
