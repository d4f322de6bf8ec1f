-- Selects the last moment of a job that is known. ?1 job.
select job, due_at, fired_at, run_id, status from job_fires where job = ?1 order by due_at desc limit 1
