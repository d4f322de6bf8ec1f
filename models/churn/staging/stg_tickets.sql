with
source as (
    select * from {{ source('support', 'tickets') }}
)
select
    ticket_id,
    customer_id,
    cast(opened_at as timestamp) as opened_at,
    cast(updated_at as timestamp) as updated_at,
    channel,
    category,
    priority,
    status = 'open' as is_open,
    satisfaction
from source
