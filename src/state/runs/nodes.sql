-- Selects the attempts at the nodes of a run, in the order they began. ?1 run id.
select node_id, attempt, name, kind, worker, started_at, ended_at, status, n_rows, message, error
from node_runs
where run_id = ?1
order by started_at, node_id, attempt
