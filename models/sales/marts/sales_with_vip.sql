with
sales as (
    select * from {{ ref('processed_sales_data') }}
),
customers as (
    select * from {{ ref('vip_customers') }}
)
select
    sales.sale_id,
    sales.product_id,
    sales.customer_id,
    sales.sale_price,
    sales.quantity,
    sales.sale_date,
    sales.total_revenue,
    sales.sentiment_score,
    sales.review_date,
    customers.total_purchase_amount as customer_total,
    customers.label as customer_segment
from sales
inner join customers on sales.customer_id = customers.customer_id
