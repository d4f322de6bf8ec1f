{#- The SQL that makes, replaces, renames and drops relations. -#}

{% macro get_create_sql(relation, sql) -%}
  {%- do return(adapter.dispatch('get_create_sql', 'dbt')(relation, sql)) -%}
{%- endmacro %}

{% macro default__get_create_sql(relation, sql) -%}
  {%- if relation.is_view -%}
    {{- get_create_view_as_sql(relation, sql) -}}
  {%- elif relation.is_table -%}
    {{- get_create_table_as_sql(false, relation, sql) -}}
  {%- elif relation.is_materialized_view -%}
    {{- get_create_materialized_view_as_sql(relation, sql) -}}
  {%- else -%}
    {%- do exceptions.raise_compiler_error('`get_create_sql` has not been implemented for: ' ~ relation.type) -%}
  {%- endif -%}
{%- endmacro %}

{% macro get_create_table_as_sql(temporary, relation, sql) -%}
  {%- do return(adapter.dispatch('get_create_table_as_sql', 'dbt')(temporary, relation, sql)) -%}
{%- endmacro %}

{% macro default__get_create_table_as_sql(temporary, relation, sql) -%}
  {%- do return(create_table_as(temporary, relation, sql)) -%}
{%- endmacro %}

{% macro create_table_as(temporary, relation, compiled_code, language='sql') -%}
  {#- Macros of older packages take no language. -#}
  {%- if language == 'sql' -%}
    {{- adapter.dispatch('create_table_as', 'dbt')(temporary, relation, compiled_code) -}}
  {%- else -%}
    {{- adapter.dispatch('create_table_as', 'dbt')(temporary, relation, compiled_code, language) -}}
  {%- endif -%}
{%- endmacro %}

{% macro default__create_table_as(temporary, relation, sql) -%}
{{ config.get('sql_header', none) or '' }}
create {% if temporary %}temporary {% endif %}table {{ relation.include(database=not temporary, schema=not temporary) }}
  {%- if config.get('contract').enforced and not temporary %}
    {{- get_assert_columns_equivalent(sql) }}
    {{- get_table_columns_and_constraints() }}
    {%- set sql = get_select_subquery(sql) %}
  {%- endif %}
as (
    {{ sql }}
);
{%- endmacro %}

{% macro get_select_subquery(sql) -%}
  {%- do return(adapter.dispatch('get_select_subquery', 'dbt')(sql)) -%}
{%- endmacro %}

{#- The columns of a contract in its order. -#}
{% macro default__get_select_subquery(sql) -%}
select {{ adapter.dispatch('get_column_names', 'dbt')() }}
from (
    {{ sql }}
) as model_subq
{%- endmacro %}

{% macro default__get_column_names() -%}
  {%- for name in model['columns'] -%}
    {%- set column = model['columns'][name] -%}
    {{- adapter.quote(column['name']) if column.get('quote') else column['name'] }}{{ ', ' if not loop.last -}}
  {%- endfor -%}
{%- endmacro %}

{% macro get_create_view_as_sql(relation, sql) -%}
  {%- do return(adapter.dispatch('get_create_view_as_sql', 'dbt')(relation, sql)) -%}
{%- endmacro %}

{% macro default__get_create_view_as_sql(relation, sql) -%}
  {%- do return(create_view_as(relation, sql)) -%}
{%- endmacro %}

{% macro create_view_as(relation, sql) -%}
  {%- do return(adapter.dispatch('create_view_as', 'dbt')(relation, sql)) -%}
{%- endmacro %}

{% macro default__create_view_as(relation, sql) -%}
{{ config.get('sql_header', none) or '' }}
create view {{ relation.render() }}
  {%- if config.get('contract').enforced %}
    {{- get_assert_columns_equivalent(sql) }}
  {%- endif %}
as (
    {{ sql }}
);
{%- endmacro %}

{% macro get_replace_sql(existing_relation, target_relation, sql) -%}
  {%- do return(adapter.dispatch('get_replace_sql', 'dbt')(existing_relation, target_relation, sql)) -%}
{%- endmacro %}

{#- In one statement where the engine can; else beside the old relation and renamed; else after dropping it. -#}
{% macro default__get_replace_sql(existing_relation, target_relation, sql) %}
  {%- set in_place = existing_relation.type == target_relation.type and existing_relation.can_be_replaced -%}
  {%- if in_place and existing_relation.is_view -%}
    {{- get_replace_view_sql(target_relation, sql) -}}
  {%- elif in_place and existing_relation.is_table -%}
    {{- get_replace_table_sql(target_relation, sql) -}}
  {%- elif in_place and existing_relation.is_materialized_view -%}
    {{- get_replace_materialized_view_sql(target_relation, sql) -}}
  {%- elif target_relation.can_be_renamed and existing_relation.can_be_renamed -%}
    {{- get_create_intermediate_sql(target_relation, sql) }};
    {{ get_create_backup_sql(existing_relation) }};
    {{ get_rename_intermediate_sql(target_relation) }};
    {{ get_drop_backup_sql(existing_relation) -}}
  {%- elif target_relation.can_be_renamed -%}
    {{- get_create_intermediate_sql(target_relation, sql) }};
    {{ get_drop_sql(existing_relation) }};
    {{ get_rename_intermediate_sql(target_relation) -}}
  {%- elif existing_relation.can_be_renamed -%}
    {{- get_create_backup_sql(existing_relation) }};
    {{ get_create_sql(target_relation, sql) }};
    {{ get_drop_backup_sql(existing_relation) -}}
  {%- else -%}
    {{- get_drop_sql(existing_relation) }};
    {{ get_create_sql(target_relation, sql) -}}
  {%- endif -%}
{% endmacro %}

{% macro get_create_intermediate_sql(relation, sql) -%}
  {%- do return(adapter.dispatch('get_create_intermediate_sql', 'dbt')(relation, sql)) -%}
{%- endmacro %}

{% macro default__get_create_intermediate_sql(relation, sql) -%}
  {%- set intermediate = make_intermediate_relation(relation) -%}
{{ get_drop_sql(intermediate) }};
{{ get_create_sql(intermediate, sql) }}
{%- endmacro %}

{% macro get_create_backup_sql(relation) -%}
  {%- do return(adapter.dispatch('get_create_backup_sql', 'dbt')(relation)) -%}
{%- endmacro %}

{% macro default__get_create_backup_sql(relation) -%}
  {%- set backup = make_backup_relation(relation, relation.type) -%}
{{ get_drop_sql(backup) }};
{{ get_rename_sql(relation, backup.identifier) }}
{%- endmacro %}

{% macro get_drop_backup_sql(relation) -%}
  {%- do return(adapter.dispatch('get_drop_backup_sql', 'dbt')(relation)) -%}
{%- endmacro %}

{% macro default__get_drop_backup_sql(relation) -%}
{{ get_drop_sql(make_backup_relation(relation, relation.type)) }}
{%- endmacro %}

{% macro get_rename_intermediate_sql(relation) -%}
  {%- do return(adapter.dispatch('get_rename_intermediate_sql', 'dbt')(relation)) -%}
{%- endmacro %}

{% macro default__get_rename_intermediate_sql(relation) -%}
{{ get_rename_sql(make_intermediate_relation(relation), relation.identifier) }}
{%- endmacro %}

{% macro get_rename_sql(relation, new_name) -%}
  {%- do return(adapter.dispatch('get_rename_sql', 'dbt')(relation, new_name)) -%}
{%- endmacro %}

{% macro default__get_rename_sql(relation, new_name) -%}
  {%- if relation.is_view -%}
    {{- get_rename_view_sql(relation, new_name) -}}
  {%- elif relation.is_table -%}
    {{- get_rename_table_sql(relation, new_name) -}}
  {%- elif relation.is_materialized_view -%}
    {{- get_rename_materialized_view_sql(relation, new_name) -}}
  {%- else -%}
    {%- do exceptions.raise_compiler_error('`get_rename_sql` has not been implemented for: ' ~ relation.type) -%}
  {%- endif -%}
{%- endmacro %}

{% macro get_drop_sql(relation) -%}
  {%- do return(adapter.dispatch('get_drop_sql', 'dbt')(relation)) -%}
{%- endmacro %}

{% macro default__get_drop_sql(relation) -%}
  {%- if relation.is_view -%}
    {{- drop_view(relation) -}}
  {%- elif relation.is_table -%}
    {{- drop_table(relation) -}}
  {%- elif relation.is_materialized_view -%}
    {{- drop_materialized_view(relation) -}}
  {%- else -%}
drop {{ relation.type }} if exists {{ relation.render() }} cascade
  {%- endif -%}
{%- endmacro %}

{% macro drop_view(relation) -%}
  {%- do return(adapter.dispatch('drop_view', 'dbt')(relation)) -%}
{%- endmacro %}

{% macro default__drop_view(relation) -%}
drop view if exists {{ relation.render() }} cascade
{%- endmacro %}

{% macro get_rename_view_sql(relation, new_name) -%}
  {%- do return(adapter.dispatch('get_rename_view_sql', 'dbt')(relation, new_name)) -%}
{%- endmacro %}

{% macro default__get_rename_view_sql(relation, new_name) -%}
  {%- do exceptions.raise_compiler_error('`get_rename_view_sql` has not been implemented for this adapter.') -%}
{%- endmacro %}

{% macro get_replace_view_sql(relation, sql) -%}
  {%- do return(adapter.dispatch('get_replace_view_sql', 'dbt')(relation, sql)) -%}
{%- endmacro %}

{% macro default__get_replace_view_sql(relation, sql) -%}
  {%- do exceptions.raise_compiler_error('`get_replace_view_sql` has not been implemented for this adapter.') -%}
{%- endmacro %}

{% macro drop_table(relation) -%}
  {%- do return(adapter.dispatch('drop_table', 'dbt')(relation)) -%}
{%- endmacro %}

{% macro default__drop_table(relation) -%}
drop table if exists {{ relation.render() }} cascade
{%- endmacro %}

{% macro get_rename_table_sql(relation, new_name) -%}
  {%- do return(adapter.dispatch('get_rename_table_sql', 'dbt')(relation, new_name)) -%}
{%- endmacro %}

{% macro default__get_rename_table_sql(relation, new_name) -%}
  {%- do exceptions.raise_compiler_error('`get_rename_table_sql` has not been implemented for this adapter.') -%}
{%- endmacro %}

{% macro get_replace_table_sql(relation, sql) -%}
  {%- do return(adapter.dispatch('get_replace_table_sql', 'dbt')(relation, sql)) -%}
{%- endmacro %}

{% macro default__get_replace_table_sql(relation, sql) -%}
  {%- do exceptions.raise_compiler_error('`get_replace_table_sql` has not been implemented for this adapter.') -%}
{%- endmacro %}

{% macro drop_materialized_view(relation) -%}
  {%- do return(adapter.dispatch('drop_materialized_view', 'dbt')(relation)) -%}
{%- endmacro %}

{% macro default__drop_materialized_view(relation) -%}
drop materialized view if exists {{ relation.render() }} cascade
{%- endmacro %}

{% macro get_rename_materialized_view_sql(relation, new_name) -%}
  {%- do return(adapter.dispatch('get_rename_materialized_view_sql', 'dbt')(relation, new_name)) -%}
{%- endmacro %}

{% macro default__get_rename_materialized_view_sql(relation, new_name) -%}
  {%- do exceptions.raise_compiler_error('`get_rename_materialized_view_sql` has not been implemented for this adapter.') -%}
{%- endmacro %}

{% macro get_replace_materialized_view_sql(relation, sql) -%}
  {%- do return(adapter.dispatch('get_replace_materialized_view_sql', 'dbt')(relation, sql)) -%}
{%- endmacro %}

{% macro default__get_replace_materialized_view_sql(relation, sql) -%}
  {%- do exceptions.raise_compiler_error('`get_replace_materialized_view_sql` has not been implemented for this adapter.') -%}
{%- endmacro %}

{% macro get_create_materialized_view_as_sql(relation, sql) -%}
  {%- do return(adapter.dispatch('get_create_materialized_view_as_sql', 'dbt')(relation, sql)) -%}
{%- endmacro %}

{% macro default__get_create_materialized_view_as_sql(relation, sql) -%}
  {%- do exceptions.raise_compiler_error('`get_create_materialized_view_as_sql` has not been implemented for this adapter.') -%}
{%- endmacro %}

{% macro refresh_materialized_view(relation) -%}
  {%- do return(adapter.dispatch('refresh_materialized_view', 'dbt')(relation)) -%}
{%- endmacro %}

{% macro default__refresh_materialized_view(relation) -%}
  {%- do exceptions.raise_compiler_error('`refresh_materialized_view` has not been implemented for this adapter.') -%}
{%- endmacro %}

{% macro get_materialized_view_configuration_changes(existing_relation, new_config) -%}
  {%- do return(adapter.dispatch('get_materialized_view_configuration_changes', 'dbt')(existing_relation, new_config)) -%}
{%- endmacro %}

{% macro default__get_materialized_view_configuration_changes(existing_relation, new_config) -%}
  {%- do exceptions.raise_compiler_error('`get_materialized_view_configuration_changes` has not been implemented for this adapter.') -%}
{%- endmacro %}

{% macro get_alter_materialized_view_as_sql(relation, configuration_changes, sql, existing_relation, backup_relation, intermediate_relation) -%}
  {%- do return(adapter.dispatch('get_alter_materialized_view_as_sql', 'dbt')(relation, configuration_changes, sql, existing_relation, backup_relation, intermediate_relation)) -%}
{%- endmacro %}

{% macro default__get_alter_materialized_view_as_sql(relation, configuration_changes, sql, existing_relation, backup_relation, intermediate_relation) -%}
  {%- do exceptions.raise_compiler_error('`get_alter_materialized_view_as_sql` has not been implemented for this adapter.') -%}
{%- endmacro %}

{% macro handle_existing_table(full_refresh, old_relation) -%}
  {%- do return(adapter.dispatch('handle_existing_table', 'dbt')(full_refresh, old_relation)) -%}
{%- endmacro %}

{% macro default__handle_existing_table(full_refresh, old_relation) %}
  {%- do log('Dropping relation ' ~ old_relation.render() ~ ' because it is of type ' ~ old_relation.type) -%}
  {%- do adapter.drop_relation(old_relation) -%}
{% endmacro %}

{#- A view for engines that replace views; for materializations of one's own. -#}
{% macro create_or_replace_view() %}
  {%- set old_relation = adapter.get_relation(database=database, schema=schema, identifier=model['alias']) -%}
  {%- set target_relation = api.Relation.create(identifier=model['alias'], schema=schema, database=database, type='view') -%}
  {{- run_hooks(pre_hooks) -}}
  {%- if old_relation is not none and old_relation.is_table -%}
    {{- handle_existing_table(should_full_refresh(), old_relation) -}}
  {%- endif -%}
  {%- call statement('main') -%}
    {{ get_create_view_as_sql(target_relation, sql) }}
  {%- endcall -%}
  {%- set exists_as_view = old_relation is not none and old_relation.is_view -%}
  {%- do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(exists_as_view, full_refresh_mode=true)) -%}
  {{- run_hooks(post_hooks) -}}
  {%- do return({'relations': [target_relation]}) -%}
{% endmacro %}
