{{ config(tags=['w']) }}
select o.id, upper(o.item) as item, o.qty * p.price as total, o.on_day, '{{ var("currency", "EUR") }}' as currency,
    '{{ env_var("SHOP_REGION", "north") }}' as region, {{ rate() }} as rate
from {{ ref('orders') }} as o left join {{ ref('prices') }} as p on p.item = o.item
where o.qty > 0
