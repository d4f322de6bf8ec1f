{% macro default__b() %}shop default b{% endmacro %}
{% macro duckdb__c() %}shop duck c{% endmacro %}
{% macro default__own(x, y='y') %}own {{ x }}{{ y }}{% endmacro %}
{% macro own(x) %}{{ adapter.dispatch('own')(x, y='z') }}{% endmacro %}
{% macro spark__own(x) %}not this{% endmacro %}
{% macro by_name() %}{{ adapter.dispatch(macro_name='d', macro_namespace='one')() }}{% endmacro %}
