{# Reads an amount such as $1,249.00 from a column of text. #}
{% macro money(column) -%}
cast(replace(replace({{ column }}, '$', ''), ',', '') as decimal(18, 2))
{%- endmacro %}
