{#- The rows of a table of a version, with their own types. columns (name, sql_type); files (paths). -#}
(
    select {% for column in columns %}cast({{ column.name | ident }} as {{ column.sql_type }}) as {{ column.name | ident }}{{ ", " if not loop.last }}{% endfor %}
    {% if files %}from read_parquet([{% for file in files %}{{ file | literal }}{{ ", " if not loop.last }}{% endfor %}], hive_partitioning = false)
    {%- else %}from (select {% for column in columns %}null as {{ column.name | ident }}{{ ", " if not loop.last }}{% endfor %}) where false{% endif %}
)
