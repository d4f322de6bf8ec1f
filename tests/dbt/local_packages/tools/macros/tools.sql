{% macro shout(text) %}{{ text }}!!!{% endmacro %}
{% macro greet(name) %}{{ return(adapter.dispatch('greet', 'tools')(name)) }}{% endmacro %}
{% macro default__greet(name) %}their default {{ name }}{% endmacro %}
{% macro duckdb__greet(name) %}their duck {{ name }}{% endmacro %}
{% macro colour() %}{{ var('colour') }}{% endmacro %}
{% macro helper() %}{{ shout("h") }}{% endmacro %}
