-- Reads key and features as they are, then the features as floating-point numbers, sorted by key. keys, features: column names; input: the table.
select
    {% for name in keys + features %}{{ name | ident }}, {% endfor %}
    {% for name in features %}cast({{ name | ident }} as double) as {{ ("wh feature " ~ loop.index) | ident }}{{ ", " if not loop.last }}{% endfor %}
from {{ input }}
order by {% for name in keys %}{{ name | ident }}{{ ", " if not loop.last }}{% endfor %}
