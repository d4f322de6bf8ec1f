{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='moment', batch_size='day', begin='2024-01-01') }}
select moment, n{% if is_incremental() %}, (select count(*) from {{ this }}) as rows_before{% else %}, 0 as rows_before{% endif %} from {{ ref('events') }}
