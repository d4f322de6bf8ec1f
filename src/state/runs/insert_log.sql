-- Adds a line to the log of a run, behind those it has. ?1 run id, ?2 time (µs), ?3 level, ?4 node id, ?5 text.
insert into run_logs (run_id, n, at, level, node_id, text)
select ?1, coalesce(max(n), 0) + 1, ?2, ?3, ?4, ?5 from run_logs where run_id = ?1
