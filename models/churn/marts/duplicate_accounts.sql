with
accounts as (
    select * from {{ ref('stg_accounts') }}
)
select
    accounts.customer_id,
    used.customer_id as used_customer_id,
    accounts.email,
    accounts.updated_at
from accounts
inner join accounts as used on accounts.email = used.email and used.entry = 1
where accounts.entry > 1
