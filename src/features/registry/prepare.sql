-- Creates the tables of feature views and their features: a row a version, the newest with its contents.
create schema if not exists wh;
create table if not exists wh.feature_views (
    name varchar not null,
    version bigint not null,
    description varchar not null,
    owner varchar not null,
    tags varchar[] not null,
    entity varchar[] not null,
    timestamp_column varchar not null,
    timestamp_type varchar not null,
    created_column varchar,
    ttl_seconds bigint,
    online boolean not null,
    source varchar not null,
    relation varchar not null,
    definition_hash varchar not null,
    registered_at timestamptz not null,
    built_at timestamptz not null,
    n_rows bigint not null,
    newest_at timestamptz
);
create table if not exists wh.features (
    view varchar not null,
    version bigint not null,
    position bigint not null,
    feature varchar not null,
    dtype varchar not null,
    description varchar not null
)
