{{ config(materialized='incremental', unique_key='id', on_schema_change='append_new_columns') }}
select id, n {% if is_incremental() %}, 1 as "with space" {% endif %} from {{ ref('lower') }}
