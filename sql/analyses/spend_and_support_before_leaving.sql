-- What a customer's last months look like, against those who stay.
select
    months.month_end >= customers.cancelled_on - 120 as is_about_to_leave,
    count(*) as n_months,
    avg(months.avg_sessions_3m) as sessions,
    avg(months.sessions_trend) as sessions_trend,
    avg(months.n_late_invoices_6m) as late_invoices,
    avg(months.n_tickets_3m) as tickets,
    avg(months.avg_satisfaction_6m) as satisfaction
from {{ ref('fct_customer_months') }} as months
inner join {{ ref('dim_customers') }} as customers using (customer_id)
group by is_about_to_leave
order by is_about_to_leave
