-- Returns each entity's key (JSON list of texts), when its latest values became known (µs since 1970-01-01 UTC) and the values (JSON object). $1 now (UTC); relation: the history; entity: column names; features: name, and whether a float, of which JSON knows finite ones only; timestamp: column; zoned: whether it has a zone.
with
history as (
    select
        *,
        epoch_us({% if zoned %}{{ timestamp | ident }}{% else %}cast({{ timestamp | ident }} as timestamp){% endif %}) as "wh known at"
    from {{ relation }}
)
select
    cast(to_json([{% for name in entity %}cast({{ name | ident }} as varchar){{ ", " if not loop.last }}{% endfor %}]) as varchar) as entity,
    max("wh known at") as known_at,
    cast(to_json(arg_max(
        { {%- for name, is_float in features %}{{ name | literal }}: {% if is_float %}case when isfinite({{ name | ident }}) then {{ name | ident }} end{% else %}{{ name | ident }}{% endif %}{{ ", " if not loop.last }}{% endfor -%} },
        "wh known at"
    )) as varchar) as feature_values
from history
where "wh known at" <= epoch_us(cast($1 as timestamptz))
group by {% for name in entity %}{{ name | ident }}{{ ", " if not loop.last }}{% endfor %}
