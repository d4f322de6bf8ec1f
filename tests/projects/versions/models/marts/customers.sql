select
    customer,
    sum(pieces * price_cents) as revenue_cents,
    count(*) as n_orders
from {{ ref('stg_orders') }}
group by customer
