-- Reviews whose score is outside the scale.
{{ config(tags=['sales']) }}
select customer_id, product_id, sentiment_score
from {{ ref('stg_feedback') }}
where sentiment_score not between 1 and 5
