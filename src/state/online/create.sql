-- The latest values of features: which views are held, and a row an entity. Times are in µs since 1970-01-01 UTC.
create table online_views (
    name text primary key,
    version integer not null,
    entity text not null,
    features text not null,
    ttl_seconds integer,
    n_entities integer not null,
    materialized_at integer not null
);
create table online_values (
    view text not null,
    entity text not null,
    known_at integer not null,
    feature_values text not null,
    primary key (view, entity)
) without rowid;
