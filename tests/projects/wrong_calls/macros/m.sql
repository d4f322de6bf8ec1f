{% macro double(x) %}{{ x }} * 2{% endmacro %}
{% macro again(x) %}
  {{ again(x + 1) }}
{% endmacro %}
