-- Records how an attempt at a node ended. ?1 run id, ?2 node id, ?3 attempt, ?4 end (µs), ?5 status, ?6 rows, ?7 message, ?8 error.
update node_runs set ended_at = ?4, status = ?5, n_rows = ?6, message = ?7, error = ?8
where run_id = ?1 and node_id = ?2 and attempt = ?3
