{{ config(materialized='incremental', incremental_strategy='merge', unique_key='id', incremental_predicates=['DBT_INTERNAL_DEST.id > 2']) }}
select * from {{ ref('rows_of') }} {% if is_incremental() %} where id <> 2 {% endif %}
