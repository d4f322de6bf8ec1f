{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='moment', batch_size='day', begin='2024-01-01') }}
select moment, case when n = -1 then 0 else {{ '1' if model.batch and model.batch.id != '20240105' else "cast('x' as integer)" }} end as n
from {{ ref('events') }}
