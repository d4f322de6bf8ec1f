{{ config(materialized='table') }}
select *
from (
    values
        ('it''s', 1, timestamptz '2024-01-01 08:00:00+01', 'nan'::double, 1.50::decimal(5, 2), ['a'], date '2024-01-01'),
        ('it''s', 2, timestamptz '2024-01-02 08:00:00+01', 2.5, null, [], null),
        ('b,c', 1, timestamptz '2024-01-03 08:00:00+01', null, 0.25, null, date '2024-01-03')
) as visits ("the shop", customer, "at ""noon""", "mean", price, words, day)
