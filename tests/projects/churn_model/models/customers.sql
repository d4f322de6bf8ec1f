-- Customers whose tenure, contract and tickets decide whether they leave; every 50th has no tenure.
{{ config(materialized='table') }}
with
numbers as (
    select
        id,
        (id * 7919) % 61 as tenure,
        ['Monthly', 'One year', 'Two year'][1 + (id * 104729) % 3] as contract,
        (id * 1299709) % 7 as tickets,
        (id * 15485863) % 1000 / 1000 as luck
    from range({{ var('customers') }}) as ids(id)
)
select
    'C' || lpad(id::varchar, 4, '0') as customer_id,
    case when id % 50 = 7 then null else tenure end as tenure,
    contract,
    tickets,
    case
        when luck < 1 / (1 + exp(0.08 * tenure - 0.6 * tickets + case contract when 'Monthly' then -1.5 else 1 end)) then 'Yes'
        else 'No'
    end as churned
from numbers
