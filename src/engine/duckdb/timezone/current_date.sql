-- Body of current_date and today(): the date in the session's zone when the transaction began.
cast(now() as date)
