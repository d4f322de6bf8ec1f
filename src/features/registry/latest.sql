-- Returns the newest version of a feature view. $1 name (text).
select version, definition_hash, epoch_us(registered_at) as registered_at
from wh.feature_views
where name = $1
order by version desc
limit 1
