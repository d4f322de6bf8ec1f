-- Counts the rows without a key, then for each feature those without a finite value, each count followed by the first such key. keys, features: column names; input: the table.
with
examples as (
    select
        concat_ws(', ', {% for name in keys %}cast({{ name | ident }} as varchar){{ ", " if not loop.last }}{% endfor %}) as "wh key",
        {% for name in keys %}{{ name | ident }} is null{{ " or " if not loop.last }}{% endfor %} as "wh no key",
        {% for name in features %}coalesce(isfinite(cast({{ name | ident }} as double)), false) as {{ ("wh feature " ~ loop.index) | ident }}{{ ", " if not loop.last }}{% endfor %}
    from {{ input }}
)
select
    count(*) filter ("wh no key") as n_without_key,
    cast(null as varchar) as no_key
    {% for name in features %}
    , count(*) filter (not {{ ("wh feature " ~ loop.index) | ident }}) as {{ ("n " ~ loop.index) | ident }}
    , min("wh key") filter (not {{ ("wh feature " ~ loop.index) | ident }}) as {{ ("first " ~ loop.index) | ident }}
    {% endfor %}
from examples
