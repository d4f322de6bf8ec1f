{% macro settings(tag) %}{{ config(tags=[tag], meta={'own': var('greet')}, materialized=('table' if target.name == 'dev' else 'view')) }}{% endmacro %}
{% macro documented(x) %}{{ x }}{% endmacro %}
