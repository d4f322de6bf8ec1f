{{ config(materialized='incremental', incremental_strategy='append') }}
select *, {{ is_incremental() }} as again from {{ ref('orders') }}
