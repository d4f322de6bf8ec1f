-- Selects the runs that have not ended, newest first.
select run_id, command, arguments, selection, job, trigger_kind, resumed_from, started_at, ended_at, status, pid, git_commit, n_nodes, error
from runs
where status = 'running'
order by started_at desc, rowid desc
