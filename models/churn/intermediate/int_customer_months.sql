-- One row a customer and month of the contract; what is known at the end of the month, never what came later.
with
customers as (
    select customer_id, signup_date, cancelled_on from {{ ref('dim_customers') }}
),
usage as (
    select * from {{ ref('stg_usage') }}
),
invoices as (
    select
        customer_id,
        cast(date_trunc('month', issued_on) as date) as month,
        amount
    from {{ ref('stg_invoices') }}
),
period as (
    select min(month) as first_month, max(month) as last_month from invoices
),
months as (
    select
        customers.customer_id,
        customers.signup_date,
        customers.cancelled_on,
        cast(unnest(generate_series(
            greatest(date_trunc('month', customers.signup_date), period.first_month),
            least(coalesce(date_trunc('month', customers.cancelled_on), period.last_month), period.last_month),
            interval 1 month
        )) as date) as month
    from customers
    cross join period
),
billed as (
    select customer_id, month, sum(amount) as amount_billed
    from invoices
    group by customer_id, month
),
-- That an invoice is late is known the day after it was due.
late as (
    select
        customer_id,
        cast(date_trunc('month', due_on) as date) as month,
        count(*) as n_late_invoices
    from {{ ref('stg_invoices') }}
    where paid_on is null or paid_on > due_on
    group by customer_id, month
),
opened as (
    select customer_id, cast(date_trunc('month', opened_at) as date) as month, count(*) as n_tickets
    from {{ ref('stg_tickets') }}
    group by customer_id, month
),
-- A score is known when the ticket was last touched.
scored as (
    select
        customer_id,
        cast(date_trunc('month', updated_at) as date) as month,
        sum(satisfaction) as satisfaction_sum,
        count(satisfaction) as n_scores
    from {{ ref('stg_tickets') }}
    group by customer_id, month
)
select
    months.customer_id,
    months.month,
    last_day(months.month) as month_end,
    datediff('month', months.signup_date, months.month) as tenure_months,
    coalesce(months.cancelled_on > last_day(months.month), true) as is_customer_at_month_end,
    usage.customer_id is null as is_usage_missing,
    usage.active_days,
    usage.sessions,
    usage.call_minutes,
    usage.data_gb,
    coalesce(billed.amount_billed, 0) as amount_billed,
    coalesce(late.n_late_invoices, 0) as n_late_invoices,
    coalesce(opened.n_tickets, 0) as n_tickets,
    scored.satisfaction_sum,
    coalesce(scored.n_scores, 0) as n_scores
from months
left join usage using (customer_id, month)
left join billed using (customer_id, month)
left join late using (customer_id, month)
left join opened using (customer_id, month)
left join scored using (customer_id, month)
