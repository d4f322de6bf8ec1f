-- Products that earn more than most but please less than the average: `wh query -f sql/analyses/dear_but_disliked.sql`
with
products as (
    select *
    from {{ ref('top_products') }}
    where period = 'all_time'
)
select product_id, total_revenue, n_sales, avg_sentiment, revenue_rank
from products
where total_revenue > (select median(total_revenue) from products)
    and avg_sentiment < (select avg(avg_sentiment) from products)
order by total_revenue desc
