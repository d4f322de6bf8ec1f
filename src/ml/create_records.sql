-- Creates the tables of what was learnt: models and their bytes, how good they are, and what they look at. Adds the columns that tables of earlier versions lack.
create schema if not exists wh;
create table if not exists wh.ml_models (
    model varchar not null,
    algorithm varchar not null,
    n_rows bigint not null,
    seed bigint not null,
    params json not null,
    trained_at timestamptz not null
);
alter table wh.ml_models add column if not exists version integer;
alter table wh.ml_models add column if not exists candidate varchar;
alter table wh.ml_models add column if not exists is_champion boolean;
alter table wh.ml_models add column if not exists is_best boolean;
alter table wh.ml_models add column if not exists is_accepted boolean;
alter table wh.ml_models add column if not exists target varchar;
alter table wh.ml_models add column if not exists positive varchar;
alter table wh.ml_models add column if not exists features json;
alter table wh.ml_models add column if not exists settings json;
alter table wh.ml_models add column if not exists n_train bigint;
alter table wh.ml_models add column if not exists n_test bigint;
alter table wh.ml_models add column if not exists data_version varchar;
alter table wh.ml_models add column if not exists fingerprint varchar;
alter table wh.ml_models add column if not exists sha256 varchar;
alter table wh.ml_models add column if not exists size_bytes bigint;
create table if not exists wh.ml_metrics (
    model varchar not null,
    metric varchar not null,
    value double not null
);
alter table wh.ml_metrics add column if not exists version integer;
alter table wh.ml_metrics add column if not exists candidate varchar;
alter table wh.ml_metrics add column if not exists split varchar;
alter table wh.ml_metrics add column if not exists fold integer;
create table if not exists wh.ml_clusters (
    model varchar not null,
    cluster integer not null,
    label varchar not null,
    size bigint not null,
    feature varchar not null,
    center double not null,
    center_scaled double not null
);
create table if not exists wh.ml_artifacts (
    model varchar not null,
    version integer not null,
    candidate varchar not null,
    bytes blob not null
);
create table if not exists wh.ml_curves (
    model varchar not null,
    version integer not null,
    candidate varchar not null,
    point integer not null,
    threshold double not null,
    false_positive_rate double not null,
    true_positive_rate double not null,
    precision double not null
);
create table if not exists wh.ml_confusion (
    model varchar not null,
    version integer not null,
    candidate varchar not null,
    actual varchar not null,
    predicted varchar not null,
    n_rows bigint not null
);
create table if not exists wh.ml_importances (
    model varchar not null,
    version integer not null,
    candidate varchar not null,
    feature varchar not null,
    kind varchar not null,
    importance double not null
);
create table if not exists wh.ml_preprocessing (
    model varchar not null,
    version integer not null,
    feature varchar not null,
    step varchar not null,
    parameter varchar not null,
    value varchar not null
)
