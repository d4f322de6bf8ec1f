-- Reads the rows of an export. columns (name, as_text), rows (relation, or query in brackets), order (terms), limit (rows or none).
select
{%- for column in columns %}
    {% if column.as_text %}cast({{ column.name | ident }} as varchar) as {% endif %}{{ column.name | ident }}{{ "," if not loop.last }}
{%- endfor %}
from {{ rows }} as data
{%- if order %}
order by {{ order | join(", ") }}
{%- endif %}
{%- if limit is not none %}
limit {{ limit }}
{%- endif %}
