with
source as (
    select * from {{ source('network', 'usage') }}
),
cleaned as (
    select
        customer_id,
        cast(month || '-01' as date) as month,
        try_cast(active_days as integer) as active_days,
        try_cast(sessions as integer) as sessions,
        try_cast(call_minutes as double) as call_minutes,
        try_cast(data_gb as double) as data_gb,
        _wh_file like '%usage_' || month || '%' as is_on_time,
        _wh_loaded_at,
        _wh_file,
        _wh_line
    from source
)
-- A month that was delivered twice counts once: the newest delivery is right.
select * exclude (_wh_loaded_at, _wh_file, _wh_line)
from cleaned
qualify row_number() over (partition by customer_id, month order by _wh_loaded_at desc, _wh_file desc, _wh_line desc) = 1
