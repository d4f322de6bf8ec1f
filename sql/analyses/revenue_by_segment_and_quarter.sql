-- How much of each quarter's revenue comes from VIP customers: `wh query -f sql/analyses/revenue_by_segment_and_quarter.sql`
with
sales as (
    select
        year(sale_date) || '-Q' || quarter(sale_date) as sale_quarter,
        total_revenue,
        case when customer_segment = 'VIP' then total_revenue else 0 end as vip_revenue
    from {{ ref('sales_with_vip') }}
    where sale_date is not null
)
select
    sale_quarter,
    sum(total_revenue) as total_revenue,
    sum(vip_revenue) as vip_revenue,
    round(sum(vip_revenue) / sum(total_revenue), 3) as vip_share
from sales
group by sale_quarter
order by sale_quarter
