-- Inserts rows of a version. relation; rows (query in brackets); columns (names); sources (source and table each, or none for all rows).
insert into {{ relation }} ({% for name in columns %}{{ name | ident }}{{ ", " if not loop.last }}{% endfor %})
select {% for name in columns %}{{ name | ident }}{{ ", " if not loop.last }}{% endfor %}
from {{ rows }} as stored
{%- if sources is not none %}
where {% for of in sources %}(source = {{ of.source | literal }} and table_name = {{ of.table | literal }}){{ " or " if not loop.last }}{% endfor %}
{%- endif %}
