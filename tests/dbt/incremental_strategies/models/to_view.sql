{{ config(materialized='incremental') }}
select '{{ this }}' as this, {{ is_incremental() }} as again
