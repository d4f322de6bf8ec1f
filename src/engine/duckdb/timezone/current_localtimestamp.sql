-- Body of localtimestamp: the date and time in the session's zone when the transaction began.
cast(now() as timestamp)
