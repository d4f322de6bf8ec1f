select
    customer_id,
    email,
    gender,
    age,
    region,
    signup_date,
    contract,
    payment_method,
    has_paperless_billing,
    internet_service,
    has_internet,
    has_online_security,
    has_online_backup,
    has_streaming,
    monthly_charges,
    total_charges,
    cancelled_on,
    updated_at
from {{ ref('stg_accounts') }}
where entry = 1
