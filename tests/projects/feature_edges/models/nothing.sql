select 1 as id, date '2024-01-01' as known_at, 'x' as word where false
