-- Marts whose revenue is not that of processed_sales_data; monthly_trend leaves out sales without a date.
{{ config(tags=['sales']) }}
with
processed as (
    select
        coalesce(sum(total_revenue), 0) as total_revenue,
        coalesce(sum(total_revenue) filter (sale_date is not null), 0) as dated_revenue
    from {{ ref('processed_sales_data') }}
),
marts as (
    select 'customer_purchases' as mart, sum(total_purchase_amount) as total_revenue from {{ ref('customer_purchases') }}
    union all
    select 'sales_with_vip', sum(total_revenue) from {{ ref('sales_with_vip') }}
    union all
    select 'top_products', sum(total_revenue) from {{ ref('top_products') }} where period = 'all_time'
    union all
    select 'monthly_trend', sum(total_revenue) from {{ ref('monthly_trend') }}
)
select marts.mart, marts.total_revenue, processed.total_revenue as expected
from marts
cross join processed
where coalesce(marts.total_revenue, 0)
    <> case marts.mart when 'monthly_trend' then processed.dated_revenue else processed.total_revenue end
