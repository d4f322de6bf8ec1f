select 1 as id, 'a' as word, 5 as amount, date '2024-01-31' as day
union all select 2, 'b', 7, date '2024-02-29'
