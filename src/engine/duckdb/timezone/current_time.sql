-- Body of current_time: the time and offset in the session's zone when the transaction began.
cast(now() as timetz)
