{% macro cents(column) -%}
cast(round({{ column }}::decimal(18, 2) * 100) as bigint)
{%- endmacro %}

{% test not_negative(model, column_name) %}
select {{ column_name }} from {{ model }} where {{ column_name }} < 0
{% endtest %}
