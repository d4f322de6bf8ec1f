-- Records that an attempt at a node began. ?1 run id, ?2 node id, ?3 attempt, ?4 name, ?5 kind, ?6 worker, ?7 start (µs).
insert into node_runs (run_id, node_id, attempt, name, kind, worker, started_at, status, message)
values (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'running', '')
