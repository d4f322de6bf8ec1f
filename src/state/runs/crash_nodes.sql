-- Records that what ran when the process died was undone. ?1 run id.
update node_runs set status = 'error', error = 'the process ended while it ran; it was undone' where run_id = ?1 and status = 'running'
