{% macro a() %}{{ return(adapter.dispatch('a', 'one')()) }}{% endmacro %}
{% macro default__a() %}one default a{% endmacro %}
{% macro b() %}{{ return(adapter.dispatch('b', 'one')()) }}{% endmacro %}
{% macro duckdb__b() %}one duck b{% endmacro %}
{% macro c() %}{{ return(adapter.dispatch('c', 'one')()) }}{% endmacro %}
{% macro default__c() %}one default c{% endmacro %}
{% macro d() %}{{ return(adapter.dispatch('d', 'one')()) }}{% endmacro %}
{% macro default__d() %}one default d{% endmacro %}
{% macro e() %}{{ return(one.a()) }}{% endmacro %}
