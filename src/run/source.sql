-- Makes a table or view of what a plug-in loaded into a Parquet file. kind: `table` or `view`; relation: its quoted name; columns: name and type.
create or replace {{ kind }} {{ relation }} as
select
{%- for column in columns %}
    cast({{ column.name | ident }} as {{ column.type }}) as {{ column.name | ident }}{% if not loop.last %},{% endif %}
{%- endfor %}
from read_parquet({{ file | literal }})
