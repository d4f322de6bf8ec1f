{#- What happens to an incremental model's table when its query has other columns than before. -#}

{% macro incremental_validate_on_schema_change(on_schema_change, default='ignore') %}
  {%- if on_schema_change in ['ignore', 'append_new_columns', 'fail', 'sync_all_columns'] -%}
    {%- do return(on_schema_change) -%}
  {%- endif -%}
  {%- do log('on_schema_change has the unknown value ' ~ on_schema_change ~ ': ' ~ default ~ ' is taken') -%}
  {%- do return(default) -%}
{% endmacro %}

{#- Returns the columns of the first list whose names the second has not. -#}
{% macro diff_columns(source_columns, target_columns) %}
  {%- set known = target_columns | map(attribute='column') | list -%}
  {%- set missing = [] -%}
  {%- for column in source_columns if column.name not in known -%}
    {%- do missing.append(column) -%}
  {%- endfor -%}
  {%- do return(missing) -%}
{% endmacro %}

{% macro diff_column_data_types(source_columns, target_columns) %}
  {%- do return(adapter.dispatch('diff_column_data_types', 'dbt')(source_columns, target_columns)) -%}
{% endmacro %}

{% macro default__diff_column_data_types(source_columns, target_columns) %}
  {%- set changed = [] -%}
  {%- for column in source_columns -%}
    {%- set twin = target_columns | selectattr('name', 'equalto', column.name) | list | first -%}
    {%- if twin and column.expanded_data_type != twin.expanded_data_type and not column.can_expand_to(other_column=twin) -%}
      {%- do changed.append({'column_name': twin.name, 'new_type': column.expanded_data_type}) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- do return(changed) -%}
{% endmacro %}

{% macro check_for_schema_changes(source_relation, target_relation) %}
  {%- do return(adapter.dispatch('check_for_schema_changes', 'dbt')(source_relation, target_relation)) -%}
{% endmacro %}

{% macro default__check_for_schema_changes(source_relation, target_relation) %}
  {%- set source_columns = adapter.get_columns_in_relation(source_relation) -%}
  {%- set target_columns = adapter.get_columns_in_relation(target_relation) -%}
  {%- set added = diff_columns(source_columns, target_columns) -%}
  {%- set removed = diff_columns(target_columns, source_columns) -%}
  {%- set new_types = diff_column_data_types(source_columns, target_columns) -%}
  {%- do return({
    'schema_changed': (added + removed + new_types) | length > 0,
    'source_not_in_target': added,
    'target_not_in_source': removed,
    'source_columns': source_columns,
    'target_columns': target_columns,
    'new_target_types': new_types,
  }) -%}
{% endmacro %}

{% macro sync_column_schemas(on_schema_change, target_relation, schema_changes_dict) %}
  {%- do return(adapter.dispatch('sync_column_schemas', 'dbt')(on_schema_change, target_relation, schema_changes_dict)) -%}
{% endmacro %}

{% macro default__sync_column_schemas(on_schema_change, target_relation, schema_changes_dict) %}
  {%- set added = schema_changes_dict['source_not_in_target'] -%}
  {%- set removed = schema_changes_dict['target_not_in_source'] -%}
  {%- if on_schema_change == 'append_new_columns' and added -%}
    {%- do alter_relation_add_remove_columns(target_relation, added, none) -%}
  {%- elif on_schema_change == 'sync_all_columns' -%}
    {%- if added or removed -%}
      {%- do alter_relation_add_remove_columns(target_relation, added, removed) -%}
    {%- endif -%}
    {%- for change in schema_changes_dict['new_target_types'] -%}
      {%- do alter_column_type(target_relation, change['column_name'], change['new_type']) -%}
    {%- endfor -%}
  {%- endif -%}
{% endmacro %}

{#- Makes the target's columns fit, and returns the columns to insert; nothing where changes are ignored. -#}
{% macro process_schema_changes(on_schema_change, source_relation, target_relation) %}
  {%- do return(adapter.dispatch('process_schema_changes', 'dbt')(on_schema_change, source_relation, target_relation)) -%}
{% endmacro %}

{% macro default__process_schema_changes(on_schema_change, source_relation, target_relation) %}
  {%- if on_schema_change == 'ignore' -%}
    {%- do return({}) -%}
  {%- endif -%}
  {%- set changes = check_for_schema_changes(source_relation, target_relation) -%}
  {%- if changes['schema_changed'] and on_schema_change == 'fail' -%}
    {%- do exceptions.raise_compiler_error(
      'The source and target schemas on this incremental model are out of sync!\n'
      ~ 'Source columns not in target: ' ~ changes['source_not_in_target'] ~ '\n'
      ~ 'Target columns not in source: ' ~ changes['target_not_in_source'] ~ '\n'
      ~ 'New column types: ' ~ changes['new_target_types'] ~ '\n'
      ~ 'Set on_schema_change to append_new_columns or sync_all_columns, or run it once with --full-refresh'
    ) -%}
  {%- elif changes['schema_changed'] -%}
    {%- do sync_column_schemas(on_schema_change, target_relation, changes) -%}
  {%- endif -%}
  {%- do return(changes['source_columns']) -%}
{% endmacro %}
