-- Makes the record of the files that were loaded; a content is loaded once a source table.
create schema if not exists wh;
create table if not exists wh.ingested_files (
    source varchar not null,
    table_name varchar not null,
    sha256 varchar not null,
    size_bytes bigint not null,
    modified_at timestamptz not null,
    origin varchar not null,
    path varchar not null,
    landed_at timestamptz not null,
    loaded_at timestamptz not null,
    rows bigint not null,
    rejected bigint not null,
    active boolean not null,
    primary key (source, table_name, sha256)
);
