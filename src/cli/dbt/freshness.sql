-- When the newest row of a source's table was loaded, and the present, in microseconds since 1970: `relation`, with `field` and
-- `filter`; or `query`, which says it by itself.
{% if query is not none -%}
select epoch_us((select * from (
{{ query }}
))), epoch_us(now())
{%- else -%}
select epoch_us(max({{ field }})), epoch_us(now())
from {{ relation }}{% if filter is not none %}
where {{ filter }}{% endif %}
{%- endif %}
