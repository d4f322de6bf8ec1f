-- Makes the tables of runs, their nodes, their logs, and of schedules. Times are microseconds since 1970-01-01 UTC.
create table runs (
    run_id text primary key,
    command text not null,                  -- build, run, test, …
    arguments text not null,                -- as typed, for people
    selection text not null,                -- JSON: select, exclude, resource_types, full_refresh, fail_fast, retries, vars, target
    job text,                               -- the job of wh.yml that began it
    trigger_kind text not null,             -- user, schedule, resume
    resumed_from text,                      -- the run this one goes on with
    started_at integer not null,
    ended_at integer,                       -- null while it runs, and when its process died
    status text not null,                   -- running, success, failed, interrupted, crashed
    pid integer not null,
    git_commit text,
    n_nodes integer not null,
    error text                              -- what kept the run as a whole from going on
);
create index runs_by_time on runs (started_at);
create table node_runs (
    run_id text not null references runs on delete cascade,
    node_id text not null,                  -- dbt's unique_id
    attempt integer not null,               -- from 1
    name text not null,
    kind text not null,                     -- model, source, test, ml_model, …
    worker integer not null,                -- the lane of the Gantt chart
    started_at integer not null,
    ended_at integer,
    status text not null,                   -- running, success, warn, fail, error, skipped, retried
    n_rows integer,
    message text not null,
    error text,                             -- the diagnostic as people read it
    primary key (run_id, node_id, attempt)
);
create table run_logs (
    run_id text not null references runs on delete cascade,
    n integer not null,                     -- order within the run
    at integer not null,
    level text not null,                    -- info, warn, error
    node_id text,
    text text not null,
    primary key (run_id, n)
);
create table job_fires (
    job text not null,
    due_at integer not null,                -- when the schedule said
    fired_at integer not null,
    run_id text,
    status text not null,                   -- seen, started, missed, skipped
    primary key (job, due_at)
);
create table alerts (
    run_id text not null references runs on delete cascade,
    at integer not null,
    target text not null,                   -- the name of the alert in wh.yml
    status text not null,                   -- sent, failed
    error text
);
create index alerts_by_run on alerts (run_id);
