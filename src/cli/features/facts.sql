-- Returns what is known of the newest version of a feature view, one row of texts. $1 name, $2 now (UTC).
select
    name as "view",
    version as "version",
    description as "description",
    array_to_string(entity, ', ') as "entity",
    timestamp_column || ' (' || lower(timestamp_type) || ')' as "timestamp",
    created_column as "created",
    case
        when ttl_seconds is null then 'none'
        when ttl_seconds % 86400 = 0 then ttl_seconds // 86400 || 'd'
        when ttl_seconds % 3600 = 0 then ttl_seconds // 3600 || 'h'
        else ttl_seconds || 's'
    end as "ttl",
    source as "source",
    relation as "relation",
    owner as "owner",
    array_to_string(tags, ', ') as "tags",
    n_rows as "rows",
    strftime(newest_at at time zone 'UTC', '%Y-%m-%d %H:%M:%S UTC')
    || case when epoch(cast($2 as timestamptz)) - epoch(newest_at) > ttl_seconds then ', expired' else '' end as "newest",
    strftime(built_at at time zone 'UTC', '%Y-%m-%d %H:%M:%S UTC') as "built"
from wh.feature_views
where name = $1
order by version desc
limit 1
