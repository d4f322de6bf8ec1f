select a.id, b.cost, '{{ ref("fruit", v=1) }}' as one, '{{ ref("fruit", version=3) }}' as three, '{{ ref("fruit").identifier }}' as latest
from {{ ref('fruit') }} as a join {{ ref('shop', 'fruit', v=1) }} as b using (id)
