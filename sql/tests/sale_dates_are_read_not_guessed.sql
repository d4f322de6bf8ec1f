-- Sales whose date, written back in the shape of its text, is another text; or whose date lies in the future.
{{ config(tags=['sales']) }}
select sale_id, sale_date_text, sale_date
from {{ ref('stg_sales') }}
where sale_date > current_date
    or sale_date_text not in (
        strftime(sale_date, '%d-%m-%Y'), strftime(sale_date, '%m/%d/%Y'),
        strftime(sale_date, '%Y-%m-%d'), strftime(sale_date, '%Y/%m/%d')
    )
