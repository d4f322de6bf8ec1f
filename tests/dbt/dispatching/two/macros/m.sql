{% macro default__d() %}two default d{% endmacro %}
{% macro c() %}{{ return(adapter.dispatch('c', 'two')()) }}{% endmacro %}
{% macro default__c() %}two c{% endmacro %}
