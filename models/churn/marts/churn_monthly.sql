-- Customers, leavers and revenue by month.
select
    month,
    count(*) as n_customers,
    count(*) filter (not is_customer_at_month_end) as n_left,
    count(*) filter (not is_customer_at_month_end) / count(*) as churn_rate,
    sum(amount_billed) as revenue
from {{ ref('fct_customer_months') }}
group by month
