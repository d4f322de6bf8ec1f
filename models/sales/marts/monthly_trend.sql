with
sales as (
    select * from {{ ref('processed_sales_data') }} where sale_date is not null
)
select
    cast(date_trunc('month', sale_date) as date) as month,
    cast(sum(total_revenue) as decimal(18, 2)) as total_revenue,
    count(*) as n_sales,
    round(avg(sentiment_score), 3) as avg_sentiment
from sales
group by month
order by month
