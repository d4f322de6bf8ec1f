-- Sales whose date, written back in the shape of its text, is another text; or whose date lies in the future.
{{ config(tags=['sales']) }}
select sale_id, sale_date_text, sale_date
from {{ ref('stg_sales') }}
where sale_date > current_date
    or sale_date is not null and sale_date_text <> case
        when sale_date_text like '__-__-____' then strftime(sale_date, '%d-%m-%Y')
        when sale_date_text like '__/__/____' then strftime(sale_date, '%m/%d/%Y')
        when sale_date_text like '____-__-__' then strftime(sale_date, '%Y-%m-%d')
        when sale_date_text like '____/__/__' then strftime(sale_date, '%Y/%m/%d')
        else ''
    end
