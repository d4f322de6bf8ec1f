-- Forgets what became of moments before a time, but not the last of a job. ?1 the time (µs).
delete from job_fires
where due_at < ?1 and due_at < (select max(latest.due_at) from job_fires latest where latest.job = job_fires.job)
