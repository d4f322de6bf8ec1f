select id, upper(item) as item from {{ ref('orders') }}
