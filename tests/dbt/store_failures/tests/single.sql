{{ config(store_failures=true, severity='warn', schema=none) }}
select * from {{ ref('a') }} where id = 1
