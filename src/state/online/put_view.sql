-- Says what is held of a view. ?1 name, ?2 version, ?3 entity (JSON list), ?4 features (JSON list), ?5 ttl in seconds or null, ?6 entities, ?7 now (µs).
insert or replace into online_views (name, version, entity, features, ttl_seconds, n_entities, materialized_at)
values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
