-- Reads the features of a file's rows as numbers or text, then for each number whether it is one, in the file's order. features: name in the file and whether it is a number.
with
texts as (
    select
        "wh row",
        {% for name, is_number in features %}nullif(trim(cast({{ name | ident }} as varchar)), '') as {{ ("wh text " ~ loop.index) | ident }}{{ ", " if not loop.last }}{% endfor %}
    from "wh rows"
),
features as (
    select
        *,
        {% for name, is_number in features %}{% if is_number %}coalesce(try_cast({{ ("wh text " ~ loop.index) | ident }} as double), cast(try_cast({{ ("wh text " ~ loop.index) | ident }} as boolean) as double)){% else %}{{ ("wh text " ~ loop.index) | ident }}{% endif %} as {{ ("wh feature " ~ loop.index) | ident }}{{ ", " if not loop.last }}{% endfor %}
    from texts
)
select
    {% for name, is_number in features %}{{ ("wh feature " ~ loop.index) | ident }}, {% endfor %}
    {% for name, is_number in features %}case when {{ ("wh feature " ~ loop.index) | ident }} is null then {{ ("wh text " ~ loop.index) | ident }} end as {{ ("wh wrong " ~ loop.index) | ident }}{{ ", " if not loop.last }}{% endfor %}
from features
order by "wh row"
