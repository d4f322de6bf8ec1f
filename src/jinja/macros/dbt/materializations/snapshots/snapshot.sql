{#- The history of rows: each version with the time from which and until which it held. -#}

{% materialization snapshot, default %}
  {%- set target_exists, target_relation = get_or_create_relation(
    database=this.database, schema=this.schema, identifier=this.identifier, type='table'
  ) -%}
  {%- if not target_relation.is_table -%}
    {%- do exceptions.relation_wrong_type(target_relation, 'table') -%}
  {%- endif -%}
  {{- run_hooks(pre_hooks, inside_transaction=false) -}}
  {{- run_hooks(pre_hooks, inside_transaction=true) -}}
  {%- set strategy_macro = strategy_dispatch(config.get('strategy')) -%}
  {%- set strategy = strategy_macro(model, 'snapshotted_data', 'source_data', model['config'], target_exists) -%}
  {%- if target_exists -%}
    {%- set columns = wh__snapshot_columns() -%}
    {%- do adapter.assert_valid_snapshot_target_given_strategy(target_relation, columns, strategy) -%}
    {%- do adapter.ensure_transaction() -%}
    {%- set staging = build_snapshot_staging_table(strategy, sql, target_relation) -%}
    {%- do adapter.expand_target_column_types(from_relation=staging, to_relation=target_relation) -%}
    {%- set final_sql = wh__snapshot_merge(strategy, staging, target_relation) -%}
  {%- else -%}
    {%- set final_sql = create_table_as(false, target_relation, build_snapshot_table(strategy, sql)) -%}
  {%- endif -%}
  {%- call statement('main') -%}{{ final_sql }}{%- endcall -%}
  {%- do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(target_exists, full_refresh_mode=false)) -%}
  {%- do persist_docs(target_relation, model) -%}
  {%- if not target_exists -%}
    {%- do create_indexes(target_relation) -%}
  {%- endif -%}
  {{- run_hooks(post_hooks, inside_transaction=true) -}}
  {%- do adapter.commit() -%}
  {%- if staging is defined -%}
    {%- do post_snapshot(staging) -%}
  {%- endif -%}
  {{- run_hooks(post_hooks, inside_transaction=false) -}}
  {%- do return({'relations': [target_relation]}) -%}
{% endmaterialization %}

{#- Adds the columns that the query has newly, and returns the statement that brings the staged changes into the table. -#}
{% macro wh__snapshot_merge(strategy, staging, target) %}
  {%- set helpers = ['dbt_change_type', 'DBT_CHANGE_TYPE', 'dbt_unique_key', 'DBT_UNIQUE_KEY'] -%}
  {%- if strategy.unique_key | is_list -%}
    {%- for key in strategy.unique_key -%}
      {%- do helpers.extend(['dbt_unique_key_' ~ loop.index, 'DBT_UNIQUE_KEY_' ~ loop.index]) -%}
    {%- endfor -%}
  {%- endif -%}
  {%- set missing = adapter.get_missing_columns(staging, target) | rejectattr('name', 'in', helpers) | list -%}
  {%- do create_columns(target, missing) -%}
  {%- set quoted = [] -%}
  {%- for column in adapter.get_columns_in_relation(staging) | rejectattr('name', 'in', helpers) -%}
    {%- do quoted.append(adapter.quote(column.name)) -%}
  {%- endfor -%}
  {%- do return(snapshot_merge_sql(target=target, source=staging, insert_cols=quoted)) -%}
{% endmacro %}

{% macro snapshot_merge_sql(target, source, insert_cols) -%}
  {{- adapter.dispatch('snapshot_merge_sql', 'dbt')(target, source, insert_cols) -}}
{%- endmacro %}

{% macro default__snapshot_merge_sql(target, source, insert_cols) -%}
  {%- set columns = wh__snapshot_columns() -%}
merge into {{ target.render() }} as DBT_INTERNAL_DEST
using {{ source }} as DBT_INTERNAL_SOURCE
on DBT_INTERNAL_SOURCE.{{ columns.dbt_scd_id }} = DBT_INTERNAL_DEST.{{ columns.dbt_scd_id }}
when matched and {{ wh__is_current('DBT_INTERNAL_DEST.' ~ columns.dbt_valid_to) }}
  and DBT_INTERNAL_SOURCE.dbt_change_type in ('update', 'delete')
then update set {{ columns.dbt_valid_to }} = DBT_INTERNAL_SOURCE.{{ columns.dbt_valid_to }}
when not matched and DBT_INTERNAL_SOURCE.dbt_change_type = 'insert'
then insert ({{ insert_cols | join(', ') }}) values ({{ insert_cols | join(', ') }})
{%- endmacro %}

{#- The condition that a version still holds. -#}
{% macro wh__is_current(valid_to) -%}
  {%- set current = config.get('dbt_valid_to_current') -%}
  {%- if current -%}
({{ equals(valid_to | trim, current | trim) }} or {{ valid_to }} is null)
  {%- else -%}
{{ valid_to }} is null
  {%- endif -%}
{%- endmacro %}
