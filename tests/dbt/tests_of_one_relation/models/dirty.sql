select * from (values (1, 'a', 1), (1, 'b', 2), (2, null, 3), (null, 'c', 4), (null, 'a', null)) as t (id, kind, rank)
