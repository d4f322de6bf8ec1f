{% macro m() %}10{% endmacro %}
