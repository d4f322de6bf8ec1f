-- Selects the last moments at which a job was due, newest first. ?1 job, ?2 how many at most.
select job, due_at, fired_at, run_id, status from job_fires where job = ?1 order by due_at desc limit ?2
