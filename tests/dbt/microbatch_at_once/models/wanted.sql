{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='moment', batch_size='hour', begin='2024-01-10', concurrent_batches=true,
          on_schema_change='append_new_columns', pre_hook="create table if not exists marks (n integer)", post_hook="insert into marks values (1)") }}
-- the name of {{ this.identifier }}
select moment, n from {{ ref('events') }}
