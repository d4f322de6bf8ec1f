{{ config(materialized='incremental', on_schema_change='ignore') }}
select {{ source_columns() }}
