{{ config(materialized='incremental', on_schema_change='sync_all_columns', unique_key='id') }}
select {{ source_columns() }}
