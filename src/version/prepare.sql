-- Makes the record of data versions: who committed what when, the tables and lake files of each, tags, and what was restored.
create schema if not exists wh;
create table if not exists wh.data_versions (
    version bigint primary key,
    hash varchar not null,
    parent bigint,
    committed_at timestamptz not null,
    source varchar not null,
    git_commit varchar,
    git_dirty boolean not null,
    author varchar not null,
    message varchar not null
);
create table if not exists wh.data_version_tables (
    version bigint not null,
    relation varchar not null,
    schema_hash varchar not null,
    hash varchar not null,
    n_rows bigint not null,
    n_bytes bigint not null,
    manifest json not null,
    primary key (version, relation)
);
create table if not exists wh.data_version_files (
    version bigint not null,
    path varchar not null,
    sha256 varchar not null,
    n_bytes bigint not null
);
create table if not exists wh.data_tags (
    tag varchar primary key,
    version bigint not null
);
create table if not exists wh.data_restores (
    restored_at timestamptz not null,
    version bigint not null,
    newest_version bigint not null,
    whole boolean not null,
    relations varchar[] not null
)
