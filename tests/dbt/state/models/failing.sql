select * from nowhere_at_all
