-- Says of each test whether it finds nothing, all in one reading. relation; key: the column whose values are counted, or
-- none; checks: what to look for (kind: null, twice or other), in which column (is_key: the counted one), beside which values.
{%- macro hit(check, column) -%}
    {{ column }} {{ 'is null' if check.kind == 'null' else 'not in (' ~ check['values'] | join(', ') ~ ')' }}
{%- endmacro %}
select
{%- for check in checks %}
    {% if check.kind == 'twice' -%}
    count(*) filter (where wh_key is not null and wh_rows > 1) = 0
    {%- elif check.is_key -%}
    count(*) filter (where {{ hit(check, 'wh_key') }}) = 0
    {%- elif key -%}
    coalesce(sum(wh_{{ loop.index0 }}), 0) = 0
    {%- else -%}
    count(*) filter (where {{ hit(check, check.column) }}) = 0
    {%- endif %} as test_{{ loop.index0 }}{{ ',' if not loop.last }}
{%- endfor %}
from
{%- if key %} (
    select
        {{ key }} as wh_key,
        count(*) as wh_rows
    {%- for check in checks %}
    {%- if not check.is_key %},
        count(*) filter (where {{ hit(check, check.column) }}) as wh_{{ loop.index0 }}
    {%- endif %}
    {%- endfor %}
    from {{ relation }}
    group by {{ key }}
)
{%- else %} {{ relation }}
{%- endif %}
