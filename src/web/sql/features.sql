-- The features of the newest version of every view, in their order.
select view, feature, dtype, description
from wh.features
qualify version = max(version) over (partition by view)
order by view, position
