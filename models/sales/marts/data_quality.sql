-- What was wrong with the data and how much of it: one row a check.
with
sales as (
    select
        count(*) as n_rows,
        count(*) filter (sale_price is null) as n_missing_prices,
        count(*) filter (sale_date is null and trim(sale_date_text) <> '') as n_unparsed_dates
    from {{ ref('stg_sales') }}
),
source_sales as (
    select
        count(*) as n_rows,
        count(*) filter (quantity is null or trim(quantity) = '') as n_missing_quantities
    from {{ source('shop', 'sale_price') }}
),
reviews as (
    select
        count(*) as n_rows,
        count(*) filter (sentiment_score is null) as n_missing_scores
    from {{ source('shop', 'customer_feedback') }}
),
latest_reviews as (
    select
        count(*) as n_rows,
        count(*) filter (review_date is null and trim(review_date_text) <> '') as n_unparsed_dates,
        count(*) filter (
            customer_id not in (select customer_id from {{ ref('stg_sales') }} where customer_id is not null)
        ) as n_unknown_customers
    from {{ ref('stg_feedback') }}
),
rejected_sales as (
    select count(*) as n_rows from {{ source('shop', 'sale_price_rejects') }}
),
rejected_reviews as (
    select count(*) as n_rows from {{ source('shop', 'customer_feedback_rejects') }}
),
checks as (
    select
        1 as position,
        'missing_prices' as check_name,
        'Sales without a readable price: left out of the revenue' as description,
        n_rows,
        n_missing_prices as n_affected
    from sales
    union all
    select 2, 'missing_quantities', 'Sales without a quantity: counted as one piece', n_rows, n_missing_quantities
    from source_sales
    union all
    select 3, 'unparsed_sale_dates', 'Sales whose date is in no known shape: left out of months and quarters', n_rows, n_unparsed_dates
    from sales
    union all
    select 4, 'missing_scores', 'Reviews without a score: left out of the average sentiment', n_rows, n_missing_scores
    from reviews
    union all
    select 5, 'unparsed_review_dates', 'Latest reviews whose date is in no known shape', n_rows, n_unparsed_dates
    from latest_reviews
    union all
    select 6, 'duplicate_feedback', 'Reviews that a later one of the same customer and product replaces', reviews.n_rows, reviews.n_rows - latest_reviews.n_rows
    from reviews cross join latest_reviews
    union all
    select 7, 'unknown_customers', 'Latest reviews by people who never bought anything', n_rows, n_unknown_customers
    from latest_reviews
    union all
    select 8, 'rejected_sales', 'Lines of sale_price.csv that could not be read: set aside with the reason', source_sales.n_rows + rejected_sales.n_rows, rejected_sales.n_rows
    from source_sales cross join rejected_sales
    union all
    select 9, 'rejected_reviews', 'Records of customer_feedback.json that could not be read: set aside with the reason', reviews.n_rows + rejected_reviews.n_rows, rejected_reviews.n_rows
    from reviews cross join rejected_reviews
)
select
    check_name,
    description,
    n_rows,
    n_affected,
    coalesce(round(n_affected / nullif(n_rows, 0), 4), 0) as share
from checks
order by position
