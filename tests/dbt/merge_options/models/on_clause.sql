{{ config(materialized='incremental', incremental_strategy='merge', unique_key=['id', 'name']) }}
select * from {{ ref('rows_of') }}
