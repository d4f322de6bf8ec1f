{% macro dbt_utils_free() %}{{ return(dbt.string_literal('x')) }}{% endmacro %}
