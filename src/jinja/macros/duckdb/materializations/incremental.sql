{#- A table to which new rows are added, by the strategy that is configured. -#}

{% materialization incremental, adapter='duckdb', supported_languages=['sql', 'python'] %}
  {%- set language = model['language'] or 'sql' -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set full_refresh_mode = should_full_refresh() or (existing_relation is not none and existing_relation.is_view) -%}
  {{- run_hooks(pre_hooks, inside_transaction=false) -}}
  {{- run_hooks(pre_hooks, inside_transaction=true) -}}
  {%- if existing_relation is none or full_refresh_mode -%}
    {%- do wh__put_table(existing_relation, target_relation, compiled_code, language) -%}
    {%- do create_indexes(target_relation) -%}
  {%- else -%}
    {%- do wh__add_rows(existing_relation, target_relation, compiled_code, language) -%}
  {%- endif -%}
  {%- do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(existing_relation, full_refresh_mode)) -%}
  {%- do persist_docs(target_relation, model) -%}
  {{- run_hooks(post_hooks, inside_transaction=true) -}}
  {%- do adapter.commit() -%}
  {{- run_hooks(post_hooks, inside_transaction=false) -}}
  {%- do return({'relations': [target_relation]}) -%}
{% endmaterialization %}

{#- Puts the new rows into a temporary table, makes the columns fit, and runs the strategy: all in one transaction. -#}
{% macro wh__add_rows(existing, target, code, language) %}
  {%- set temporary = duckdb__dispatch_temporary_relation(target, adapter.batch_id_for_model(model)) -%}
  {%- set temp_relation = temporary.relation -%}
  {%- do adapter.ensure_transaction() -%}
  {%- call statement('create_temp', language=language) -%}
    {{- create_table_as(temporary.temporary, temp_relation, code, language) -}}
  {%- endcall -%}
  {%- if not (config.get('contract') or {}).get('enforced') -%}
    {%- do adapter.expand_target_column_types(from_relation=temp_relation, to_relation=target) -%}
  {%- endif -%}
  {%- set on_schema_change = incremental_validate_on_schema_change(config.get('on_schema_change'), default='ignore') -%}
  {%- set dest_columns = process_schema_changes(on_schema_change, temp_relation, existing) -%}
  {%- if not dest_columns -%}
    {%- set dest_columns = adapter.get_columns_in_relation(existing) -%}
  {%- endif -%}
  {%- set strategy_macro = adapter.get_incremental_strategy_macro(context, config.get('incremental_strategy') or 'default') -%}
  {%- set build_sql = strategy_macro({
    'target_relation': target,
    'temp_relation': temp_relation,
    'unique_key': config.get('unique_key'),
    'dest_columns': dest_columns,
    'incremental_predicates': config.get('predicates', none) or config.get('incremental_predicates', none),
  }) -%}
  {%- call statement('main') -%}{{ build_sql }}{%- endcall -%}
  {%- call statement('drop_temp') -%}drop table {{ temp_relation }}{%- endcall -%}
{% endmacro %}

{#- Where the new rows wait: a temporary table of the connection. -#}
{% macro duckdb__dispatch_temporary_relation(target_relation, batch_id='') %}
  {%- do return({'relation': make_temp_relation(target_relation), 'temporary': true}) -%}
{% endmacro %}
