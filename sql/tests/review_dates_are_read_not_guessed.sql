-- Reviews whose date, written back in the shape of its text, is another text; or whose date lies in the future.
{{ config(tags=['sales']) }}
select customer_id, product_id, review_date_text, review_date
from {{ ref('stg_feedback') }}
where review_date > current_date
    or review_date_text not in (
        strftime(review_date, '%d-%m-%Y'), strftime(review_date, '%m/%d/%Y'),
        strftime(review_date, '%Y-%m-%d'), strftime(review_date, '%Y/%m/%d')
    )
