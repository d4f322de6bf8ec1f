-- How the nodes of each run ended. ?1 the runs' ids (JSON list).
select run_id, status, count(*)
from node_runs
where run_id in (select value from json_each(?1)) and status <> 'retried'
group by run_id, status
