select
    order_id::integer as order_id,
    customer,
    product,
    coalesce(try_cast(pieces as integer), 1) as pieces,
    {{ cents('price') }} as price_cents,
    ordered_on::date as ordered_on
from {{ source('till', 'orders') }}
where coalesce(try_cast(pieces as integer), 1) >= {{ var('least_pieces') }}
