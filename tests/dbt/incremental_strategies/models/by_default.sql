-- depends_on: {{ ref("appended") }}
{{ config(materialized='incremental', unique_key='id') }}
select id, item, qty from {{ ref('orders') }}
{% if is_incremental() %} where moment > (select max(moment) from {{ ref('appended') }} where not again) {% endif %}
