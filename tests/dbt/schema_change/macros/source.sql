{% macro source_columns() %}1 as id, 'a' as name, 'x' as removed, cast(1 as integer) as grown{% endmacro %}
