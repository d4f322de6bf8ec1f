-- Records that the process of a run died, unless the run ended after all. ?1 run id.
update runs set status = 'crashed', error = 'its process ended without a word' where run_id = ?1 and status = 'running'
