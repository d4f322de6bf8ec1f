{{ config(materialized='incremental', incremental_strategy='merge', unique_key='id') }}
select id, item, qty, {{ 2 if is_incremental() else 1 }} as round from {{ ref('orders') }}
