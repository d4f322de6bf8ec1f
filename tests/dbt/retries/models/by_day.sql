{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='moment', batch_size='day', begin='2024-01-01') }}
select moment, if(n = 2, error('a bad day'), n)::integer as n from {{ ref('events') }}
