{% macro ref() %}
    {%- set version = kwargs.get('version') or kwargs.get('v') -%}
    {%- set found = builtins.ref(*varargs, v=version) if version else builtins.ref(*varargs) -%}
    {{ return(found.include(database=false)) }}
{% endmacro %}
{% macro source(a, b) %}{{ return(builtins.source(a, b).include(database=false, schema=false)) }}{% endmacro %}
{% macro duckdb__current_timestamp() %}timestamp '2024-01-01'{% endmacro %}
{% macro default__type_string() %}own_type{% endmacro %}
{% macro duckdb__create_view_as(relation, sql) %}create view {{ relation }} as (select *, 'ours' as whose from ({{ sql }}));{% endmacro %}
{% macro get_where_subquery(relation) %}{{ return('(select * from ' ~ relation ~ ' where id < 5)') }}{% endmacro %}
{% macro default__test_unique(model, column_name) %}select {{ column_name }} from {{ model }} where false{% endmacro %}
{% macro is_incremental() %}{{ return('never') }}{% endmacro %}
{% macro set_sql_header(config) %}{% endmacro %}
