with orders as (
    select * from {{ ref('stg_orders') }}
)

select
    orders.product,
    products.title,
    sum(orders.pieces * orders.price_cents) as revenue_cents,
    count(*) as n_orders
from orders
left join {{ ref('products') }} as products using (product)
group by all
