-- Who is with us at the end of the newest month, with what is known of them then.
with
newest as (
    select max(month_end) as as_of from {{ ref('fct_customer_months') }}
)
select months.customer_id, months.month_end as as_of
from {{ ref('fct_customer_months') }} as months
inner join newest on months.month_end = newest.as_of
where months.is_customer_at_month_end
