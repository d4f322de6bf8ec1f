select 1 as id, 'apple' as item, 3 as qty, date '2024-01-01' as on_day
