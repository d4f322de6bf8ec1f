-- Records that a run began. ?1 run id, ?2 command, ?3 arguments, ?4 selection (JSON), ?5 job, ?6 trigger, ?7 run gone on with, ?8 start (µs), ?9 pid, ?10 git commit, ?11 nodes.
insert into runs (run_id, command, arguments, selection, job, trigger_kind, resumed_from, started_at, status, pid, git_commit, n_nodes)
values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'running', ?9, ?10, ?11)
