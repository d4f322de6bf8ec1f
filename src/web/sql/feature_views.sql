-- The newest version of every feature view.
select
    name, version, description, owner, array_to_string(tags, ', ') as tags, array_to_string(entity, ', ') as entity,
    timestamp_column, ttl_seconds, online, source, relation, epoch_us(registered_at) as registered_at,
    epoch_us(built_at) as built_at, n_rows, epoch_us(newest_at) as newest_at,
    count(*) over (partition by name) as n_versions
from wh.feature_views
qualify row_number() over (partition by name order by version desc) = 1
order by name
