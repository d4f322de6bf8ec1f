-- Lists the newest version of each feature view. $1 now (UTC).
select
    name,
    version,
    array_to_string(entity, ', ') as entity,
    (select count(*) from wh.features as features where features.view = views.name and features.version = views.version) as n_features,
    case
        when ttl_seconds is null then 'none'
        when ttl_seconds % 86400 = 0 then ttl_seconds // 86400 || 'd'
        when ttl_seconds % 3600 = 0 then ttl_seconds // 3600 || 'h'
        else ttl_seconds || 's'
    end as ttl,
    n_rows,
    strftime(newest_at at time zone 'UTC', '%Y-%m-%d %H:%M') as newest_at,
    case
        when newest_at is null then 'empty'
        when epoch(cast($1 as timestamptz)) - epoch(newest_at) > ttl_seconds then 'expired'
        else 'fresh'
    end as freshness,
    online
from wh.feature_views as views
qualify row_number() over (partition by name order by version desc) = 1
order by name
