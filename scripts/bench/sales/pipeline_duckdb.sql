-- The sales pipeline as one would write it by hand, each step once. Variable inbox: the folder of the two files.
create table stg_sales as
select
    try_cast(sale_id as bigint) as sale_id,
    product_id,
    customer_id,
    try_cast(replace(replace(sale_price, '$', ''), ',', '') as decimal(12, 2)) as sale_price,
    coalesce(try_cast(quantity as integer), 1) as quantity,
    quantity is null or quantity = '' as quantity_was_missing,
    cast(try_strptime(sale_date, ['%d-%m-%Y', '%m/%d/%Y']) as date) as sale_date
from read_csv(getvariable('inbox') || '/sale_price.csv', all_varchar = true, header = true, ignore_errors = true);

create table feedback as
select
    customer_id,
    product_id,
    cast(sentiment_score as decimal(4, 2)) as sentiment_score,
    cast(try_strptime(review_date, ['%Y-%m-%d', '%Y/%m/%d', '%m/%d/%Y']) as date) as review_date,
    row_number() over () as line
from read_json(
    getvariable('inbox') || '/customer_feedback.json',
    columns = {customer_id: 'varchar', product_id: 'varchar', sentiment_score: 'double', review_date: 'varchar'}
);

create table stg_feedback as
select customer_id, product_id, sentiment_score, review_date
from feedback
qualify row_number() over (
    partition by customer_id, product_id order by review_date desc nulls last, line desc
) = 1;

create table processed_sales_data as
select
    sale_id, product_id, customer_id, sale_price, quantity, sale_date,
    cast(sale_price * quantity as decimal(14, 2)) as total_revenue, sentiment_score, review_date
from stg_sales
inner join stg_feedback using (customer_id, product_id)
where sale_price > 0;

create table top_products as
with
periods as (
    select 'all_time' as period, product_id, total_revenue, sentiment_score from processed_sales_data
    union all
    select 'last_quarter', product_id, total_revenue, sentiment_score
    from processed_sales_data
    where date_trunc('quarter', sale_date) = (select date_trunc('quarter', max(sale_date)) from processed_sales_data)
)
select
    period, product_id, sum(total_revenue) as total_revenue, count(*) as n_sales,
    avg(sentiment_score) as avg_sentiment,
    row_number() over (partition by period order by sum(total_revenue) desc, product_id) as revenue_rank
from periods
group by period, product_id;

create table monthly_trend as
select
    date_trunc('month', sale_date) as month, sum(total_revenue) as total_revenue, count(*) as n_sales,
    avg(sentiment_score) as avg_sentiment
from processed_sales_data
where sale_date is not null
group by month;

create table customer_purchases as
select
    customer_id, sum(total_revenue) as total_purchase_amount, count(*) as purchase_frequency,
    avg(total_revenue) as avg_transaction_value
from processed_sales_data
group by customer_id;

create table data_quality as
select 'missing_prices' as check_name, count(*) filter (sale_price is null) as n_affected from stg_sales
union all
select 'missing_quantities', count(*) filter (quantity_was_missing) from stg_sales
union all
select 'missing_scores', count(*) filter (sentiment_score is null) from feedback
union all
select 'duplicate_feedback', (select count(*) from feedback) - (select count(*) from stg_feedback)
union all
select 'unknown_customers', count(*) from stg_feedback anti join stg_sales using (customer_id);
