-- How a node ended in its newest runs, newest first. ?1 its id, ?2 runs at most.
select
    node_runs.run_id, node_id, attempt, name, kind, worker, node_runs.started_at, node_runs.ended_at,
    node_runs.status, n_rows, message, node_runs.error
from runs
join node_runs on node_runs.run_id = runs.run_id
where node_id = ?1 and node_runs.status <> 'retried'
order by runs.started_at desc
limit ?2
