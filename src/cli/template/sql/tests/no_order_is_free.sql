-- Finds orders that bring nothing; there must be none.
select *
from {{ ref('stg_orders') }}
where quantity * price <= 0
