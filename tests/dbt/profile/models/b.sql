{{ config(materialized='table', database='more' if target.name == 'dev' else none) }}
select * from {{ ref('a') }}
