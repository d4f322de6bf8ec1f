{{ config(materialized='table') }}
select id, customer, amount, day, {'a': amount, 'b': [customer]} as nested, amount::hugeint as big,
    day::timestamptz as at, case when amount > 10 then 'high' else 'low' end::enum ('low', 'high') as level,
    amount::decimal(9, 2) as price, interval 1 day as span
from {{ ref('orders') }}
