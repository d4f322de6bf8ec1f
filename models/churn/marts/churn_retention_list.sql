-- Today's customers by their risk, why, and what could keep them.
with
scores as (
    select * from {{ ref('churn_scores') }}
),
customers as (
    select * from {{ ref('dim_customers') }}
),
features as (
    select * from {{ ref('churn_current_features') }}
)
select
    scores.customer_id,
    customers.email,
    customers.region,
    customers.contract,
    customers.monthly_charges,
    scores.probability as churn_probability,
    case
        when scores.probability >= 0.5 then 'high'
        when scores.probability >= 0.25 then 'medium'
        else 'low'
    end as risk,
    {{ plain_reason(1) }} as reason_1,
    {{ plain_reason(2) }} as reason_2,
    {{ plain_reason(3) }} as reason_3,
    case
        when scores.probability < 0.25 then 'None'
        when features.avg_satisfaction_6m < 3 or features.n_tickets_3m >= 2 then 'Call about the open complaints'
        when customers.contract = 'Month-to-month' and scores.probability >= 0.5 then 'Offer a year at a discount'
        when features.n_late_invoices_6m >= 3 then 'Offer another way to pay'
        when features.sessions_trend < -0.2 then 'Show what the service can do'
        when customers.contract = 'Month-to-month' then 'Offer a longer contract'
        else 'Call and ask'
    end as suggested_action,
    -- A decimal, so that sums do not depend on the order of rows.
    cast(customers.monthly_charges * 12 * scores.probability as decimal(12, 2)) as revenue_at_risk
from scores
inner join customers using (customer_id)
inner join features using (customer_id)
