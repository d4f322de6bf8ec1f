select id as order_id, status, '{{ target.name }}' as target from {{ ref('raw_orders') }}
