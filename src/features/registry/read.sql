-- Returns what the online store needs of the newest version of a feature view, a row a feature. $1 name (text).
select
    views.version,
    cast(to_json(views.entity) as varchar) as entity,
    views.timestamp_column,
    views.timestamp_type,
    views.ttl_seconds,
    views.relation,
    features.feature,
    features.dtype
from wh.feature_views as views
inner join wh.features as features
    on views.name = features.view
    and views.version = features.version
where views.name = $1
    and views.version = (select max(version) from wh.feature_views where name = $1)
order by features.position
