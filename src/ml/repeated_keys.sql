-- Counts the keys that more than one row has, and shows the first of them. keys: column names; input: the table.
with
repeated as (
    select concat_ws(', ', {% for name in keys %}cast({{ name | ident }} as varchar){{ ", " if not loop.last }}{% endfor %}) as key
    from {{ input }}
    group by {% for name in keys %}{{ name | ident }}{{ ", " if not loop.last }}{% endfor %}
    having count(*) > 1 and {% for name in keys %}{{ name | ident }} is not null{{ " and " if not loop.last }}{% endfor %}
)
select count(*) as n_keys, min(key) as first_key
from repeated
