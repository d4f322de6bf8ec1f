{{ config(materialized='incremental', unique_key='id') }}
-- depends_on: {{ ref('visits_view') }}
select id, item from {{ ref('orders') }}
{% if is_incremental() %} where id > (select max(id) from {{ this }}) {% endif %}
