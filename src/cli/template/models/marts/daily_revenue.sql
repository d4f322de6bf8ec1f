-- One row a day on which something was ordered.
select
    ordered_on,
    count(*) as n_orders,
    sum(quantity) as n_pieces,
    sum(quantity * price) as revenue
from {{ ref('stg_orders') }}
group by ordered_on
order by ordered_on
