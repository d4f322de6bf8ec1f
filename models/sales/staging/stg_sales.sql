with
source as (
    select * from {{ source('shop', 'sale_price') }}
),
cleaned as (
    select
        try_cast(sale_id as bigint) as sale_id,
        product_id,
        customer_id,
        {{ parse_price('sale_price') }} as sale_price,
        try_cast(coalesce(nullif(trim(quantity), ''), '1') as integer) as quantity,
        {{ parse_date_by_shape('sale_date') }} as sale_date,
        sale_date as sale_date_text
    from source
)
select * from cleaned
