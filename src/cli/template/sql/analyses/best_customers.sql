-- Who has spent most?
select
    customer,
    count(*) as n_orders,
    sum(quantity * price) as spent
from {{ ref('stg_orders') }}
group by customer
order by spent desc
