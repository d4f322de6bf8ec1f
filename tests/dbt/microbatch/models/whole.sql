{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='moment', batch_size='month', begin='2024-01-01') }}
select moment, n from {{ ref('events').render() }} where moment between '2024-01-01' and '2024-01-02'
