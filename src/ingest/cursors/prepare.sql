-- Makes the record of how far each source table has been read; changed in the transaction that changes its rows.
create schema if not exists wh;
create table if not exists wh.cursors (
    source varchar not null,
    table_name varchar not null,
    field varchar not null,
    value varchar not null,
    boundary varchar not null,
    updated_at timestamptz not null,
    primary key (source, table_name)
)
