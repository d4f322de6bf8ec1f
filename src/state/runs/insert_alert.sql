-- Records an alert. ?1 run id, ?2 time (µs), ?3 name of the alert, ?4 status, ?5 error.
insert into alerts (run_id, at, target, status, error) values (?1, ?2, ?3, ?4, ?5)
