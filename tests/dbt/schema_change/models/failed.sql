{{ config(materialized='incremental', on_schema_change='fail') }}
select {{ source_columns() }}
