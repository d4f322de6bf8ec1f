-- Makes the record of ingestions: one row an attempt to bring in a source table, good or bad.
create schema if not exists wh;
create table if not exists wh.ingestions (
    source varchar not null,
    table_name varchar not null,
    run_id varchar not null,
    started_at timestamptz not null,
    ended_at timestamptz not null,
    status varchar not null,
    rows bigint not null,
    rejected bigint not null,
    files bigint not null,
    bytes bigint not null,
    attempts bigint not null,
    error varchar,
    cursor_before varchar,
    cursor_after varchar
)
