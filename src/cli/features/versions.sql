-- Lists the versions of a feature view, the newest first. $1 name.
select
    version,
    strftime(registered_at at time zone 'UTC', '%Y-%m-%d %H:%M:%S') as registered_at,
    (
        select string_agg(feature || ' ' || lower(dtype), ', ' order by position)
        from wh.features as features
        where features.view = views.name
            and features.version = views.version
    ) as features,
    left(definition_hash, 12) as definition
from wh.feature_views as views
where name = $1
order by version desc
