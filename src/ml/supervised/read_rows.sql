-- Reads rows sorted by key: the key as it is, features as numbers or text, further columns as text. keys: column names; features: name and whether it is a number; texts: column names; input: the table.
select
    {% for name in keys %}{{ name | ident }}, {% endfor %}
    {% for name, is_number in features %}cast({{ name | ident }} as {{ "double" if is_number else "varchar" }}) as {{ ("wh feature " ~ loop.index) | ident }}{{ ", " if not loop.last }}{% endfor %}
    {% for name in texts %}, cast({{ name | ident }} as varchar) as {{ ("wh text " ~ loop.index) | ident }}{% endfor %}
from {{ input }}
order by {% for name in keys %}{{ name | ident }}{{ ", " if not loop.last }}{% endfor %}
