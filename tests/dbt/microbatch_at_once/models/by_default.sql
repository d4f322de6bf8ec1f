{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='moment', batch_size='day', begin='2024-01-01') }}
select moment, n, '{{ model.batch.id }}' as batch_id from {{ ref('events') }}
