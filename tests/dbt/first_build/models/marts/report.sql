select fruit.id, fruit.name, prices.price
from {{ ref('fruit') }} as fruit
join {{ ref('prices') }} as prices using (id)
