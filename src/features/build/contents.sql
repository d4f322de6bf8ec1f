-- Counts a history's rows and returns its newest time in µs since 1970-01-01 UTC. output: the history; timestamp: its column; zoned: whether that has a zone.
select
    count(*) as n_rows,
    epoch_us(max({% if zoned %}{{ timestamp | ident }}{% else %}cast({{ timestamp | ident }} as timestamp){% endif %})) as newest_at
from {{ output }}
