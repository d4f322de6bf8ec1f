-- Sales with a price, of a product that their customer reviewed.
with
sales as (
    select * from {{ ref('stg_sales') }} where sale_price > 0
),
feedback as (
    select * from {{ ref('stg_feedback') }}
)
select
    sales.sale_id,
    sales.product_id,
    sales.customer_id,
    sales.sale_price,
    sales.quantity,
    sales.sale_date,
    cast(sales.sale_price * sales.quantity as decimal(14, 2)) as total_revenue,
    feedback.sentiment_score,
    feedback.review_date
from sales
inner join feedback
    on sales.customer_id = feedback.customer_id
    and sales.product_id = feedback.product_id
