-- Adds all rows of a Parquet file to a table. $1 file for people, $2 time of the load (UTC, µs), $3 position of the file (when staged).
insert into {{ table }} by name
select
    {% for column in columns -%}
    cast({{ column.name | ident }} as {{ column.type }}) as {{ column.name | ident }},
    {% endfor -%}
    $1::varchar as _wh_file,
    file_row_number + 1 as _wh_line,
    $2::timestamptz as _wh_loaded_at
    {%- if staged %},
    to_json({
    {%- for column in columns %}{{ column.name | literal }}: {{ column.name | ident }}{{ ", " if not loop.last }}{% endfor -%}
    })::varchar as _wh_raw,
    $3::bigint as _wh_position
    {%- endif %}
from read_parquet({{ path | literal }}, hive_partitioning = false, file_row_number = true)
