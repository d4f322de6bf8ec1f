-- Records what became of a moment at which a job was due, unless that is known. ?1 job, ?2 due (µs), ?3 now (µs), ?4 run id, ?5 status.
insert into job_fires (job, due_at, fired_at, run_id, status) values (?1, ?2, ?3, ?4, ?5)
on conflict (job, due_at) do nothing
