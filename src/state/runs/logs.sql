-- Selects the log of a run in order. ?1 run id, ?2 the node's id, null for all.
select at, level, node_id, text
from run_logs
where run_id = ?1 and (?2 is null or node_id = ?2)
order by n
