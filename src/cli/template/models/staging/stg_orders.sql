-- One row an order, typed. An order without a quantity is of one piece.
select
    cast(order_id as integer) as order_id,
    customer,
    cast(ordered_on as date) as ordered_on,
    product,
    coalesce(cast(quantity as integer), 1) as quantity,
    {{ money('price') }} as price
from {{ source('shop', 'orders') }}
