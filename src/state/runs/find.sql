-- Selects the runs whose id begins with a text, newest first; two at most. ?1 the text.
select run_id, command, arguments, selection, job, trigger_kind, resumed_from, started_at, ended_at, status, pid, git_commit, n_nodes, error
from runs
where substr(run_id, 1, length(?1)) = ?1
order by started_at desc, rowid desc
limit 2
