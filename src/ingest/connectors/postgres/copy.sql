-- Writes the rows of a table of PostgreSQL as CSV; with a cursor those from its last value on, the newest last.
copy (
    select
    {%- for column in columns %}
        {{ column.expression }} as {{ column.name | ident }}{{ "," if not loop.last }}
    {%- endfor %}
    from {{ table }} as wh
    {%- if since %}
    where wh.{{ field | ident }} >= {{ since | literal }} or wh.{{ field | ident }} is null
    {%- endif %}
    {%- if field %}
    order by wh.{{ field | ident }} nulls first
    {%- endif %}
) to stdout (format csv, header true, null '\N')
