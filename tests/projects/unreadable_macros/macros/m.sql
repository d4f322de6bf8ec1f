{% macro m( %}{% endmacro %}
