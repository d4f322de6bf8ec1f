-- Makes the records of tests and of row counts; one row a test and run, one row a table built and run.
create schema if not exists wh;
create table if not exists wh.test_results (
    run_id varchar not null,
    test_id varchar not null,
    test_name varchar not null,
    check_name varchar not null,
    kind varchar not null,
    relation varchar,
    column_name varchar,
    description varchar,
    severity varchar not null,
    status varchar not null,
    n_failures bigint,
    n_rows bigint,
    sample varchar,
    action varchar,
    message varchar,
    file varchar,
    started_at timestamptz not null,
    elapsed_ms double not null
);
create table if not exists wh.row_counts (
    run_id varchar not null,
    relation varchar not null,
    counted_at timestamptz not null,
    n_rows bigint not null
);
