{% macro outer() %}{{ inner() }}{% endmacro %}
{% macro inner() %}{% if execute %}{{ nowhere() }}{% endif %} select 1 as id{% endmacro %}
{% macro fails() %}{{ exceptions.raise_compiler_error('failed') }}{% endmacro %}
