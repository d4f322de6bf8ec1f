-- Records how a run ended. ?1 run id, ?2 end (µs), ?3 status, ?4 error.
update runs set ended_at = ?2, status = ?3, error = ?4 where run_id = ?1
