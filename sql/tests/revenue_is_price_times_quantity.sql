-- Sales whose revenue is not the price times the quantity, or not above 0.
{{ config(tags=['sales']) }}
select sale_id, sale_price, quantity, total_revenue
from {{ ref('processed_sales_data') }}
where total_revenue <> sale_price * quantity or total_revenue <= 0
