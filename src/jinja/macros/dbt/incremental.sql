{#- What an incremental model asks and does. -#}

{% macro is_incremental() %}
  {%- if not execute -%}
    {%- do return(false) -%}
  {%- endif -%}
  {%- set existing = load_relation(this) -%}
  {%- do return(
    existing is not none
    and existing.type == 'table'
    and config.get('materialized') == 'incremental'
    and not should_full_refresh()
  ) -%}
{% endmacro %}

{% macro incremental_validate_on_schema_change(on_schema_change, default='ignore') %}
  {%- if on_schema_change not in ['sync_all_columns', 'append_new_columns', 'fail', 'ignore'] -%}
    {%- do return(default) -%}
  {%- endif -%}
  {%- do return(on_schema_change) -%}
{% endmacro %}

{#- Makes the target's columns fit those of the new rows, and returns the columns to insert. -#}
{% macro process_schema_changes(on_schema_change, source_relation, target_relation) %}
  {%- set new_columns = adapter.get_missing_columns(source_relation, target_relation) -%}
  {%- set gone_columns = adapter.get_missing_columns(target_relation, source_relation) -%}
  {%- if on_schema_change == 'fail' and (new_columns or gone_columns) -%}
    {%- do exceptions.raise_compiler_error(
      'the columns of ' ~ target_relation ~ ' and of its new rows differ: new are ['
      ~ (new_columns | map(attribute='name') | join(', ')) ~ '], gone are ['
      ~ (gone_columns | map(attribute='name') | join(', ')) ~ ']'
    ) -%}
  {%- endif -%}
  {%- if on_schema_change in ['append_new_columns', 'sync_all_columns'] -%}
    {%- for column in new_columns -%}
      {%- call statement('add_column') -%}
alter table {{ target_relation }} add column {{ column.quoted }} {{ column.data_type }}
      {%- endcall -%}
    {%- endfor -%}
  {%- endif -%}
  {%- if on_schema_change == 'sync_all_columns' -%}
    {%- for column in gone_columns -%}
      {%- call statement('drop_column') -%}
alter table {{ target_relation }} drop column {{ column.quoted }}
      {%- endcall -%}
    {%- endfor -%}
  {%- endif -%}
  {%- if on_schema_change == 'ignore' -%}
    {%- do return(adapter.get_columns_in_relation(target_relation)) -%}
  {%- endif -%}
  {%- do return(adapter.get_columns_in_relation(source_relation)) -%}
{% endmacro %}

{#- Unique keys as a list, whether one or many are given. -#}
{% macro unique_key_list(unique_key) %}
  {%- if unique_key is none or unique_key is undefined -%}
    {%- do return([]) -%}
  {%- endif -%}
  {%- do return([unique_key] if unique_key is string else unique_key) -%}
{% endmacro %}

{% macro get_quoted_csv(column_names) %}
  {%- set quoted = [] -%}
  {%- for name in column_names -%}
    {%- do quoted.append(adapter.quote(name)) -%}
  {%- endfor -%}
  {%- do return(quoted | join(', ')) -%}
{% endmacro %}

{% macro get_incremental_append_sql(arg_dict) %}
  {{- adapter.dispatch('get_incremental_append_sql', 'dbt')(arg_dict) -}}
{% endmacro %}

{% macro default__get_incremental_append_sql(arg_dict) -%}
  {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
insert into {{ arg_dict['target_relation'] }} ({{ columns }})
select {{ columns }} from {{ arg_dict['temp_relation'] }}
{%- endmacro %}

{% macro get_incremental_delete_insert_sql(arg_dict) %}
  {{- adapter.dispatch('get_incremental_delete_insert_sql', 'dbt')(arg_dict) -}}
{% endmacro %}

{% macro default__get_incremental_delete_insert_sql(arg_dict) -%}
  {%- set target = arg_dict['target_relation'] -%}
  {%- set keys = unique_key_list(arg_dict['unique_key']) -%}
  {%- if keys -%}
delete from {{ target }} as DBT_INTERNAL_DEST
where exists (
  select 1 from {{ arg_dict['temp_relation'] }} as DBT_INTERNAL_SOURCE
  where {% for key in keys %}DBT_INTERNAL_SOURCE.{{ key }} = DBT_INTERNAL_DEST.{{ key }}{% if not loop.last %} and {% endif %}{% endfor %}
)
  {%- for predicate in arg_dict['incremental_predicates'] or [] %}
  and {{ predicate }}
  {%- endfor %};
  {% endif -%}
  {{- get_incremental_append_sql(arg_dict) -}}
{%- endmacro %}

{% macro get_incremental_merge_sql(arg_dict) %}
  {{- adapter.dispatch('get_incremental_merge_sql', 'dbt')(arg_dict) -}}
{% endmacro %}

{% macro default__get_incremental_merge_sql(arg_dict) -%}
  {%- set keys = unique_key_list(arg_dict['unique_key']) -%}
  {%- if not keys -%}
    {%- do return(get_incremental_append_sql(arg_dict)) -%}
  {%- endif -%}
  {%- set names = arg_dict['dest_columns'] | map(attribute='name') | list -%}
  {%- set only = config.get('merge_update_columns') -%}
  {%- set except = config.get('merge_exclude_columns') or [] -%}
merge into {{ arg_dict['target_relation'] }} as DBT_INTERNAL_DEST
using {{ arg_dict['temp_relation'] }} as DBT_INTERNAL_SOURCE
on {% for key in keys %}DBT_INTERNAL_SOURCE.{{ key }} = DBT_INTERNAL_DEST.{{ key }}{% if not loop.last %} and {% endif %}{% endfor %}
  {%- for predicate in arg_dict['incremental_predicates'] or [] %} and {{ predicate }}{% endfor %}
when matched then update set
  {% for name in names if (name in only if only else name not in except) -%}
  {{ adapter.quote(name) }} = DBT_INTERNAL_SOURCE.{{ adapter.quote(name) }}{% if not loop.last %}, {% endif %}
  {%- endfor %}
when not matched then insert ({{ get_quoted_csv(names) }})
values ({% for name in names %}DBT_INTERNAL_SOURCE.{{ adapter.quote(name) }}{% if not loop.last %}, {% endif %}{% endfor %})
{%- endmacro %}

{% macro get_incremental_default_sql(arg_dict) %}
  {{- adapter.dispatch('get_incremental_default_sql', 'dbt')(arg_dict) -}}
{% endmacro %}

{% macro default__get_incremental_default_sql(arg_dict) -%}
  {%- if arg_dict['unique_key'] -%}
    {{- get_incremental_delete_insert_sql(arg_dict) -}}
  {%- else -%}
    {{- get_incremental_append_sql(arg_dict) -}}
  {%- endif -%}
{%- endmacro %}

{#- Drops what stands where `relation` is to be made, when it is of another type. -#}
{% macro drop_other_type(relation) %}
  {%- set existing = load_relation(relation) -%}
  {%- if existing is not none and existing.type != relation.type -%}
    {%- do adapter.drop_relation(existing) -%}
  {%- endif -%}
{% endmacro %}
