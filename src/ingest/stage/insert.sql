-- Moves the staged rows into the table: all of them, or the last of each key.
insert into {{ table }} by name
select
    {% for column in columns -%}
    cast({{ column.name | ident }} as {{ column.type }}) as {{ column.name | ident }},
    {% endfor -%}
    _wh_file,
    _wh_line,
    _wh_loaded_at
from {{ stage }}
where {{ reason }} is null
{%- if keys %}
qualify row_number() over (
    partition by {% for key in keys %}cast({{ key.name | ident }} as {{ key.type }}){{ ", " if not loop.last }}{% endfor %}
    order by _wh_position desc, _wh_line desc
) = 1
{%- endif %}
