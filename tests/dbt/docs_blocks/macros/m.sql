{% macro m(x, y=1) %}{{ x }}{% endmacro %}
