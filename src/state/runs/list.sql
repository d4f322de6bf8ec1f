-- Selects the newest runs first. ?1 the job they are of, null for all; ?2 how many at most.
select run_id, command, arguments, selection, job, trigger_kind, resumed_from, started_at, ended_at, status, pid, git_commit, n_nodes, error
from runs
where ?1 is null or job = ?1
order by started_at desc, rowid desc
limit ?2
