with
sales as (
    select * from {{ ref('processed_sales_data') }}
)
select
    customer_id,
    cast(sum(total_revenue) as decimal(18, 2)) as total_purchase_amount,
    count(*) as purchase_frequency,
    cast(sum(total_revenue) as double) / count(*) as avg_transaction_value
from sales
group by customer_id
