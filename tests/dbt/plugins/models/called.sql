{{ config(materialized='table') }}
select
    e.row, doubled(e.row) as twice, doubled(null) as none, shouted(nullif(e.said, '')) as loud, shouted(null) as silent,
    total([1.5, e.row]) as total, pair(e.moment::date) as pair, r.rate, l.said
from {{ ref('entries_read') }} as e, rates_of_ledger as r, {{ ref('between') }} as l
