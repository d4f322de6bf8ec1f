{% macro e() %}{{ one.e() }} by shop{% endmacro %}
