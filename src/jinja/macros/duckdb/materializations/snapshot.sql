{#- Snapshots on DuckDB: the staged changes are brought in by an update and an insert. -#}

{% macro duckdb__snapshot_merge_sql(target, source, insert_cols) -%}
  {%- set columns = wh__snapshot_columns() -%}
update {{ target }} as DBT_INTERNAL_TARGET
set {{ columns.dbt_valid_to }} = DBT_INTERNAL_SOURCE.{{ columns.dbt_valid_to }}
from {{ source }} as DBT_INTERNAL_SOURCE
where DBT_INTERNAL_SOURCE.{{ columns.dbt_scd_id }}::text = DBT_INTERNAL_TARGET.{{ columns.dbt_scd_id }}::text
  and DBT_INTERNAL_SOURCE.dbt_change_type::text in ('update', 'delete')
  and {{ wh__is_current('DBT_INTERNAL_TARGET.' ~ columns.dbt_valid_to) }};
insert into {{ target }} ({{ insert_cols | join(', ') }})
select {% for column in insert_cols %}DBT_INTERNAL_SOURCE.{{ column }}{% if not loop.last %}, {% endif %}{% endfor %}
from {{ source }} as DBT_INTERNAL_SOURCE
where DBT_INTERNAL_SOURCE.dbt_change_type::text = 'insert'
{%- endmacro %}

{% macro duckdb__post_snapshot(temporary_relation) %}
  {%- do return(drop_relation(temporary_relation)) -%}
{% endmacro %}

{% macro duckdb__snapshot_string_as_time(timestamp) %}
  {%- do return("'" ~ timestamp ~ "'::timestamp") -%}
{% endmacro %}

{% macro duckdb__snapshot_get_time() -%}
{{ current_timestamp() }}::timestamp
{%- endmacro %}
