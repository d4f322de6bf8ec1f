-- The latest review of a product by a customer; of two on one day, the later in the file.
with
source as (
    select * from {{ source('shop', 'customer_feedback') }}
),
cleaned as (
    select
        customer_id,
        product_id,
        cast(sentiment_score as decimal(4, 2)) as sentiment_score,
        {{ parse_date_by_shape('review_date') }} as review_date,
        review_date as review_date_text,
        _wh_line
    from source
),
latest as (
    select customer_id, product_id, sentiment_score, review_date, review_date_text
    from cleaned
    qualify row_number() over (
        partition by customer_id, product_id
        order by review_date desc nulls last, _wh_line desc
    ) = 1
)
select * from latest
