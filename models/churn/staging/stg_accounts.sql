with
source as (
    select * from {{ source('crm', 'accounts') }}
),
cleaned as (
    select
        account_id as customer_id,
        lower(trim(email)) as email,
        gender,
        case when age between 16 and 110 then age end as age,
        age as age_as_entered,
        region,
        {{ parse_date_by_shape('signup_date') }} as signup_date,
        contract,
        payment_method,
        paperless_billing = 'Yes' as has_paperless_billing,
        internet_service,
        internet_service <> 'No' as has_internet,
        online_security = 'Yes' as has_online_security,
        online_backup = 'Yes' as has_online_backup,
        streaming = 'Yes' as has_streaming,
        cast(monthly_charges as decimal(10, 2)) as monthly_charges,
        try_cast(nullif(trim(total_charges), '') as decimal(12, 2)) as total_charges,
        cast(cancelled_on as date) as cancelled_on,
        cast(updated_at as timestamp) as updated_at
    from source
)
-- An account entered twice has the same address; the first entry is the one that is used.
select
    *,
    row_number() over (partition by email order by updated_at, customer_id) as entry
from cleaned
