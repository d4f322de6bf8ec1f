{% macro model() %}{{ return('the macro') }}{% endmacro %}

{% macro remember(key, value) %}
  {% set cache = context.get('__cache__', {}) %}
  {% do cache.update({key: value}) %}
  {% do context.update({'__cache__': cache}) %}
{% endmacro %}

{% macro recall(key) %}{{ return(context.get('__cache__', {}).get(key, 'nothing')) }}{% endmacro %}

{% macro same_columns(a, b) %}
  {% set left = set(a | map('lower')) %}{% set right = set(b | map('lower')) %}
  {{ return(left == right) }}
{% endmacro %}

{% test alone(model, column_name) %}
  select * from {{ model }} where {{ column_name }} is null and {{ one.not_there() }}
{% endtest %}

{% macro not_there() %}false{% endmacro %}
