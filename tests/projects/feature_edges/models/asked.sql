select *
from (
    values
        ('it''s', 2, timestamp '2024-01-02 07:00:00', 1),
        ('it''s', 2, timestamp '2024-01-02 06:59:59', 1),
        ('b,c', 1, timestamp '2024-02-01 00:00:00', null)
) as asked ("the shop", customer, "when?", id)
