-- Makes a table of what a program left in a Parquet file. table: its quoted name; columns: name and type.
create table {{ table }} as
select
{%- for column in columns %}
    cast({{ column.name | ident }} as {{ column.type }}) as {{ column.name | ident }}{% if not loop.last %},{% endif %}
{%- endfor %}
from read_parquet({{ file | literal }})
