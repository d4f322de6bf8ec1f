{{ config(materialized='incremental', incremental_strategy='merge', unique_key='id',
    merge_update_set_expressions={'amount': 'DBT_INTERNAL_DEST.amount + DBT_INTERNAL_SOURCE.amount', 'name': 'upper(DBT_INTERNAL_SOURCE.name)'}) }}
select * from {{ ref('rows_of') }}
