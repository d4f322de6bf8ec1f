with
months as (
    select * from {{ ref('int_customer_months') }}
)
select
    customer_id,
    month,
    month_end,
    is_customer_at_month_end,
    tenure_months,
    is_usage_missing,
    sessions,
    active_days,
    avg(sessions) over last_3 as avg_sessions_3m,
    avg(active_days) over last_3 as avg_active_days_3m,
    avg(call_minutes) over last_3 as avg_call_minutes_3m,
    avg(data_gb) over last_3 as avg_data_gb_3m,
    avg(sessions) over last_3 / nullif(avg(sessions) over before_3, 0) - 1 as sessions_trend,
    amount_billed,
    sum(amount_billed) over so_far as total_spend,
    avg(amount_billed) over last_3 as avg_spend_3m,
    sum(n_late_invoices) over last_6 as n_late_invoices_6m,
    n_tickets,
    sum(n_tickets) over last_3 as n_tickets_3m,
    coalesce(sum(satisfaction_sum) over last_6 / nullif(sum(n_scores) over last_6, 0), 3) as avg_satisfaction_6m
from months
window
    so_far as (partition by customer_id order by month),
    last_3 as (partition by customer_id order by month rows between 2 preceding and current row),
    before_3 as (partition by customer_id order by month rows between 5 preceding and 3 preceding),
    last_6 as (partition by customer_id order by month rows between 5 preceding and current row)
