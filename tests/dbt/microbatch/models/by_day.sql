{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='moment', batch_size='day', begin='2024-01-01', lookback=1) }}
select moment, n, '{{ model.batch.event_time_start }}' as batch_start, '{{ model.batch.id }}' as batch_id from {{ ref('events') }}
