{{ config(materialized='incremental', incremental_strategy='merge', unique_key=['id'], merge_exclude_columns=['round']) }}
select id, item, qty, {{ 2 if is_incremental() else 1 }} as round from {{ ref('orders') }}
