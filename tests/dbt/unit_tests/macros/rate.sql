{% macro rate() %}1.5{% endmacro %}
