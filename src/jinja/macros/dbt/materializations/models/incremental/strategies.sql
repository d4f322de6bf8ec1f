{#- Strategies of incremental models: each makes the statements that bring new rows into the table. `incremental_strategy: x+y`
    calls get_incremental_x_y_sql, of the project or built in. -#}

{% macro get_quoted_csv(column_names) %}
  {%- set quoted = [] -%}
  {%- for name in column_names -%}
    {%- do quoted.append(adapter.quote(name)) -%}
  {%- endfor -%}
  {%- do return(quoted | join(', ')) -%}
{% endmacro %}

{% macro get_incremental_append_sql(arg_dict) %}
  {%- do return(adapter.dispatch('get_incremental_append_sql', 'dbt')(arg_dict)) -%}
{% endmacro %}

{% macro default__get_incremental_append_sql(arg_dict) %}
  {%- do return(get_insert_into_sql(arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['dest_columns'])) -%}
{% endmacro %}

{% macro get_insert_into_sql(target_relation, temp_relation, dest_columns) -%}
  {%- set columns = get_quoted_csv(dest_columns | map(attribute='name')) -%}
insert into {{ target_relation }} ({{ columns }})
select {{ columns }} from {{ temp_relation }}
{%- endmacro %}

{% macro get_incremental_delete_insert_sql(arg_dict) %}
  {%- do return(adapter.dispatch('get_incremental_delete_insert_sql', 'dbt')(arg_dict)) -%}
{% endmacro %}

{% macro default__get_incremental_delete_insert_sql(arg_dict) %}
  {%- do return(get_delete_insert_merge_sql(
    arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['unique_key'], arg_dict['dest_columns'],
    arg_dict['incremental_predicates']
  )) -%}
{% endmacro %}

{% macro get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) %}
  {%- do return(adapter.dispatch('get_delete_insert_merge_sql', 'dbt')(target, source, unique_key, dest_columns, incremental_predicates)) -%}
{% endmacro %}

{% macro default__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
  {%- if unique_key -%}
    {%- set keys = ([unique_key] if unique_key is string else unique_key) | join(', ') -%}
delete from {{ target }} as DBT_INTERNAL_DEST
where ({{ keys }}) in (select distinct {{ keys }} from {{ source }} as DBT_INTERNAL_SOURCE)
    {%- for predicate in incremental_predicates or [] %}
  and {{ predicate }}
    {%- endfor %};
  {% endif -%}
{{ get_insert_into_sql(target, source, dest_columns) }}
{%- endmacro %}

{% macro get_incremental_merge_sql(arg_dict) %}
  {%- do return(adapter.dispatch('get_incremental_merge_sql', 'dbt')(arg_dict)) -%}
{% endmacro %}

{% macro default__get_incremental_merge_sql(arg_dict) %}
  {%- do return(get_merge_sql(
    arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['unique_key'], arg_dict['dest_columns'],
    arg_dict['incremental_predicates']
  )) -%}
{% endmacro %}

{#- `predicates` is the older name of the last argument. -#}
{% macro get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) %}
  {%- set predicates = kwargs.get('predicates', incremental_predicates) -%}
  {%- do return(adapter.dispatch('get_merge_sql', 'dbt')(target, source, unique_key, dest_columns, predicates)) -%}
{% endmacro %}

{% macro get_merge_unique_key_match(source_unique_key, target_unique_key) %}
  {%- do return(adapter.dispatch('get_merge_unique_key_match', 'dbt')(source_unique_key, target_unique_key)) -%}
{% endmacro %}

{% macro default__get_merge_unique_key_match(source_unique_key, target_unique_key) %}
  {%- do return(equals(source_unique_key, target_unique_key) | trim) -%}
{% endmacro %}

{% macro default__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
  {%- set conditions = [] + (incremental_predicates or []) -%}
  {%- for key in wh__keys(unique_key) -%}
    {%- do conditions.append(get_merge_unique_key_match('DBT_INTERNAL_SOURCE.' ~ key, 'DBT_INTERNAL_DEST.' ~ key)) -%}
  {%- else -%}
    {%- do conditions.append('false') -%}
  {%- endfor -%}
  {%- set columns = get_quoted_csv(dest_columns | map(attribute='name')) -%}
  {%- set updated = get_merge_update_columns(config.get('merge_update_columns'), config.get('merge_exclude_columns'), dest_columns) -%}
{{ config.get('sql_header') or '' }}
merge into {{ target }} as DBT_INTERNAL_DEST
using {{ source }} as DBT_INTERNAL_SOURCE
on ({{ conditions | join(') and (') }})
  {%- if unique_key %}
when matched then update set
    {%- for column in updated %}
  {{ column }} = DBT_INTERNAL_SOURCE.{{ column }}{% if not loop.last %},{% endif %}
    {%- endfor %}
  {%- endif %}
when not matched then insert ({{ columns }}) values ({{ columns }})
{%- endmacro %}

{#- Returns a unique key as a list of columns, however it is configured. -#}
{% macro wh__keys(unique_key) %}
  {%- if not unique_key -%}
    {%- do return([]) -%}
  {%- endif -%}
  {%- do return([unique_key] if unique_key is string or unique_key is mapping else unique_key) -%}
{% endmacro %}

{% macro get_merge_update_columns(merge_update_columns, merge_exclude_columns, dest_columns) %}
  {%- do return(adapter.dispatch('get_merge_update_columns', 'dbt')(merge_update_columns, merge_exclude_columns, dest_columns)) -%}
{% endmacro %}

{% macro default__get_merge_update_columns(merge_update_columns, merge_exclude_columns, dest_columns) %}
  {%- if merge_update_columns and merge_exclude_columns -%}
    {%- do exceptions.raise_compiler_error(
      'Model cannot specify merge_update_columns and merge_exclude_columns. Please update model to use only one config'
    ) -%}
  {%- elif merge_update_columns -%}
    {%- do return(merge_update_columns) -%}
  {%- endif -%}
  {%- set excluded = (merge_exclude_columns or []) | map('lower') | list -%}
  {%- set columns = [] -%}
  {%- for column in dest_columns if column.column | lower not in excluded -%}
    {%- do columns.append(column.quoted) -%}
  {%- endfor -%}
  {%- do return(columns) -%}
{% endmacro %}

{% macro get_incremental_insert_overwrite_sql(arg_dict) %}
  {%- do return(adapter.dispatch('get_incremental_insert_overwrite_sql', 'dbt')(arg_dict)) -%}
{% endmacro %}

{% macro default__get_incremental_insert_overwrite_sql(arg_dict) %}
  {%- do return(get_insert_overwrite_merge_sql(
    arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['dest_columns'], arg_dict['incremental_predicates']
  )) -%}
{% endmacro %}

{% macro get_insert_overwrite_merge_sql(target, source, dest_columns, predicates, include_sql_header=false) %}
  {%- do return(adapter.dispatch('get_insert_overwrite_merge_sql', 'dbt')(target, source, dest_columns, predicates, include_sql_header)) -%}
{% endmacro %}

{% macro default__get_insert_overwrite_merge_sql(target, source, dest_columns, predicates, include_sql_header) -%}
  {%- set columns = get_quoted_csv(dest_columns | map(attribute='name')) -%}
  {%- if include_sql_header %}{{ config.get('sql_header') or '' }}{% endif %}
merge into {{ target }} as DBT_INTERNAL_DEST
using {{ source }} as DBT_INTERNAL_SOURCE
on false
when not matched by source
  {%- if predicates %} and {{ predicates | join(' and ') }}{% endif %} then delete
when not matched then insert ({{ columns }}) values ({{ columns }})
{%- endmacro %}

{% macro get_incremental_default_sql(arg_dict) %}
  {%- do return(adapter.dispatch('get_incremental_default_sql', 'dbt')(arg_dict)) -%}
{% endmacro %}

{% macro default__get_incremental_default_sql(arg_dict) %}
  {%- do return(get_incremental_append_sql(arg_dict)) -%}
{% endmacro %}

{% macro get_incremental_microbatch_sql(arg_dict) %}
  {%- do return(adapter.dispatch('get_incremental_microbatch_sql', 'dbt')(arg_dict)) -%}
{% endmacro %}

{% macro default__get_incremental_microbatch_sql(arg_dict) %}
  {%- do exceptions.raise_not_implemented('microbatch materialization strategy not implemented for adapter ' ~ adapter.type()) -%}
{% endmacro %}
