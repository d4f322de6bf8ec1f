-- Selects the alerts of a run in order. ?1 run id.
select at, target, status, error from alerts where run_id = ?1 order by at, rowid
