-- No invoice is lost or counted twice on its way to the marts.
with
marts as (
    select sum(amount_billed) as total from {{ ref('fct_customer_months') }}
),
invoices as (
    select sum(amount) as total from {{ ref('stg_invoices') }}
)
select marts.total as in_marts, invoices.total as in_invoices
from marts, invoices
where marts.total is distinct from invoices.total
