{% set quarter = var('quarter', none) -%}
with
sales as (
    select
        *,
        year(sale_date) || '-Q' || quarter(sale_date) as sale_quarter
    from {{ ref('processed_sales_data') }}
),
sales_by_period as (
    select 'all_time' as period, product_id, total_revenue, sentiment_score
    from sales
    union all
    select 'last_quarter' as period, product_id, total_revenue, sentiment_score
    from sales
    where sale_quarter = {% if quarter %}'{{ quarter }}'{% else %}(select max(sale_quarter) from sales){% endif %}
),
products as (
    select
        period,
        product_id,
        cast(sum(total_revenue) as decimal(18, 2)) as total_revenue,
        count(*) as n_sales,
        round(avg(sentiment_score), 3) as avg_sentiment
    from sales_by_period
    group by period, product_id
)
select
    period,
    product_id,
    total_revenue,
    n_sales,
    avg_sentiment,
    row_number() over (partition by period order by total_revenue desc, product_id) as revenue_rank
from products
order by period, revenue_rank
