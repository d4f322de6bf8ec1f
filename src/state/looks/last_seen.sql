-- The last end of every node of the newest runs. ?1 how many runs, ?2 that began before (µs).
select run_id, node_id, attempt, name, kind, worker, started_at, ended_at, status, n_rows, message, error
from (
    select
        *, row_number() over (partition by node_id order by started_at desc, attempt desc) as place
    from node_runs
    where run_id in (select run_id from runs where started_at < ?2 order by started_at desc limit ?1)
        and status not in ('retried', 'running')
)
where place = 1
