{#- New rows replace those of the same key: what incremental models do on DuckDB unless another strategy is configured. -#}

{% macro duckdb__get_incremental_default_sql(arg_dict) %}
  {%- do return(get_incremental_delete_insert_sql(arg_dict)) -%}
{% endmacro %}

{% macro duckdb__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
  {%- if unique_key is string and unique_key -%}
delete from {{ target }}
where ({{ unique_key }}) in (select ({{ unique_key }}) from {{ source }})
    {%- for predicate in incremental_predicates or [] %}
  and {{ predicate }}
    {%- endfor %};
  {% elif unique_key -%}
delete from {{ target }} as DBT_INCREMENTAL_TARGET
using {{ source }}
where true
    {%- for key in unique_key %}
  and {{ source }}.{{ key }} = DBT_INCREMENTAL_TARGET.{{ key }}
    {%- endfor %}
    {%- for predicate in incremental_predicates or [] %}
  and {{ predicate }}
    {%- endfor %};
  {% endif -%}
{{ get_insert_into_sql(target, source, dest_columns) }}
{%- endmacro %}
