-- Counts the keys that more than one row has, and shows the first. input: the source; entity: column names; timestamp, created: columns, the latter may be none.
with
repeated as (
    select concat_ws(', ', {% for name in entity %}cast({{ name | ident }} as varchar), {% endfor %}cast({{ timestamp | ident }} as varchar){% if created %}, cast({{ created | ident }} as varchar){% endif %}) as key
    from {{ input }}
    group by {% for name in entity %}{{ name | ident }}, {% endfor %}{{ timestamp | ident }}{% if created %}, {{ created | ident }}{% endif %}
    having count(*) > 1
)
select count(*) as n_keys, min(key) as first_key
from repeated
