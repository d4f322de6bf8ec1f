{% macro test_rows(model, n) %}select count(*) from {{ model }} having count(*) <> {{ n }}{% endmacro %}
