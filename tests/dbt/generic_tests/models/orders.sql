select * from (values (1, 'new', 10), (2, 'old', null), (2, 'lost', 30), (4, null, 40)) as t (id, state, customer)
