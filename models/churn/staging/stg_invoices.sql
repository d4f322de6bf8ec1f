with
source as (
    select * from {{ source('billing', 'invoices') }}
),
cleaned as (
    select
        invoice_id,
        customer_id,
        {{ parse_date_by_shape('issued_on') }} as issued_on,
        try_cast(due_on as date) as due_on,
        {{ parse_price('amount') }} as amount,
        try_cast(nullif(paid_on, '') as date) as paid_on,
        _wh_file,
        _wh_line
    from source
)
-- Lines written twice are one invoice.
select * exclude (_wh_file, _wh_line)
from cleaned
qualify row_number() over (partition by invoice_id order by _wh_file desc, _wh_line desc) = 1
