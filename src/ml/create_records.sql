-- Creates the tables of what was learnt: models, how good they are, and the clusters found.
create schema if not exists wh;
create table if not exists wh.ml_models (
    model varchar not null,
    algorithm varchar not null,
    n_rows bigint not null,
    seed bigint not null,
    params json not null,
    trained_at timestamptz not null
);
create table if not exists wh.ml_metrics (
    model varchar not null,
    metric varchar not null,
    value double not null
);
create table if not exists wh.ml_clusters (
    model varchar not null,
    cluster integer not null,
    label varchar not null,
    size bigint not null,
    feature varchar not null,
    center double not null,
    center_scaled double not null
)
