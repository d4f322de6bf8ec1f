{% macro loop_over(table) %}{% for row in table %}{{ row.id }}:{{ row['name'] }}{{ ', ' if not loop.last }}{% endfor %}{% endmacro %}
{% macro dbt_utils_like(table) %}{% set d = {} %}{% for c in table.column_names %}{% do d.update({c: table.columns[loop.index0].values()}) %}{% endfor %}{{ d.keys() | list }}{% endmacro %}
