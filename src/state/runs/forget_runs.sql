-- Forgets the runs that began before a time, with their nodes, logs and alerts. ?1 the time (µs).
delete from runs where started_at < ?1
