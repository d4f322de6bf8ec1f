-- One row a customer: did they leave in the {{ var('churn_horizon_days') }} days after a date when they were with us?
-- Each customer has one date, drawn by a hash from the quarter ends that have their outcome: examples stay independent.
with
months as (
    select customer_id, month_end
    from {{ ref('fct_customer_months') }}
    where is_customer_at_month_end and month(month_end) % 3 = 0 and tenure_months >= 1
),
customers as (
    select customer_id, cancelled_on from {{ ref('dim_customers') }}
),
newest as (
    select max(month_end) as known_until from {{ ref('fct_customer_months') }}
),
dates as (
    select months.customer_id, months.month_end as label_date
    from months
    cross join newest
    where months.month_end + {{ var('churn_horizon_days') }} <= newest.known_until
    qualify row_number() over (
        partition by months.customer_id
        order by md5(months.customer_id || months.month_end)
    ) = 1
)
select
    dates.customer_id,
    dates.label_date,
    coalesce(customers.cancelled_on <= dates.label_date + {{ var('churn_horizon_days') }}, false) as churned
from dates
inner join customers using (customer_id)
