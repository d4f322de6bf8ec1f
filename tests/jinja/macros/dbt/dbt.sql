{# Built-in macros. #}
{% macro override() %}dbt{% endmacro %}
{% macro built_in() %}built-in {{ override() }}{% endmacro %}
