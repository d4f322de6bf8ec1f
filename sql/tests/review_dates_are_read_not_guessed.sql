-- Reviews whose date, written back in the shape of its text, is another text; or whose date lies in the future.
{{ config(tags=['sales']) }}
select customer_id, product_id, review_date_text, review_date
from {{ ref('stg_feedback') }}
where review_date > current_date
    or review_date is not null and review_date_text <> case
        when review_date_text like '__-__-____' then strftime(review_date, '%d-%m-%Y')
        when review_date_text like '__/__/____' then strftime(review_date, '%m/%d/%Y')
        when review_date_text like '____-__-__' then strftime(review_date, '%Y-%m-%d')
        when review_date_text like '____/__/__' then strftime(review_date, '%Y/%m/%d')
        else ''
    end
