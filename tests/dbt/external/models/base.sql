select * from (values (1, 'a', 2024), (2, 'b', 2024), (3, null, 2025)) as t (id, name, year)
