-- Products that a customer has more than one latest review of.
{{ config(tags=['sales']) }}
select customer_id, product_id, count(*) as n_reviews
from {{ ref('stg_feedback') }}
group by customer_id, product_id
having count(*) > 1
