-- Returns what is held of a view. ?1 name.
select version, entity, features, ttl_seconds, materialized_at
from online_views
where name = ?1
