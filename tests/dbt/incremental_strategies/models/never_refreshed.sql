{{ config(materialized='incremental', full_refresh=false) }}
select id, {{ is_incremental() }} as again, {{ should_full_refresh() }} as refresh from {{ ref('orders') }}
