select * from range(7) as t (id)
