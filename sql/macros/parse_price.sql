{#- A price as people write it (`$1,250.00`, `$75`, `250.5`) as DECIMAL(12, 2); NULL where it is missing or none. -#}
{% macro parse_price(column) -%}
    try_cast(replace(replace(trim({{ column }}), '$', ''), ',', '') as decimal(12, 2))
{%- endmacro %}
