select 1 as id, 10 as customer_id, date '2024-01-02' as ordered_at, 2.5 as amount, 'a' as state, true as is_new
