-- Body of localtime: the time in the session's zone when the transaction began.
cast(cast(now() as timestamp) as time)
