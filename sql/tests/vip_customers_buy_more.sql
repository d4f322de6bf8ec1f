-- Returns a row when the VIP cluster does not buy more on average than the other.
{{ config(tags=['sales']) }}
with
segments as (
    select
        avg(total_purchase_amount) filter (label = 'VIP') as vip_amount,
        avg(total_purchase_amount) filter (label = 'Non-VIP') as other_amount
    from {{ ref('vip_customers') }}
)
select vip_amount, other_amount
from segments
where not coalesce(vip_amount > other_amount, false)
