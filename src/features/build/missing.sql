-- Counts the rows without each of the key's columns. input: the source; entity: column names; timestamp: column.
select
    {% for name in entity %}count(*) filter ({{ name | ident }} is null) as {{ ("n " ~ loop.index) | ident }},
    {% endfor %}count(*) filter ({{ timestamp | ident }} is null) as n_without_timestamp
from {{ input }}
