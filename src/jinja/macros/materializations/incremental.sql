{#- A table to which new rows are added: append, delete+insert or merge. -#}

{% materialization incremental, default %}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set existing = load_relation(this) -%}
  {%- set unique_key = config.get('unique_key') -%}
  {{- run_hooks(pre_hooks, inside_transaction=false) -}}
  {{- run_hooks(pre_hooks) -}}
  {%- if existing is none or existing.type != 'table' or should_full_refresh() -%}
    {{- drop_other_type(target_relation) -}}
    {%- call statement('main') -%}
      {{- get_create_table_as_sql(false, target_relation, sql) -}}
    {%- endcall -%}
  {%- else -%}
    {%- set strategy = config.get('incremental_strategy') or 'default' -%}
    {%- set strategy_sql = context.get('get_incremental_' ~ strategy.replace('+', '_') ~ '_sql') -%}
    {%- if strategy_sql is none -%}
      {%- do exceptions.raise_compiler_error(
        '`' ~ strategy ~ '` is no incremental strategy: use append, delete+insert or merge, or add a macro get_incremental_' ~ strategy ~ '_sql'
      ) -%}
    {%- endif -%}
    {%- set temp_relation = make_temp_relation(target_relation) -%}
    {%- call statement('create_temp') -%}
      {{- get_create_table_as_sql(true, temp_relation, sql) -}}
    {%- endcall -%}
    {%- set on_schema_change = incremental_validate_on_schema_change(config.get('on_schema_change')) -%}
    {%- set dest_columns = process_schema_changes(on_schema_change, temp_relation, target_relation) -%}
    {%- call statement('main') -%}
      {{- strategy_sql({
        'target_relation': target_relation,
        'temp_relation': temp_relation,
        'unique_key': unique_key,
        'dest_columns': dest_columns,
        'incremental_predicates': config.get('incremental_predicates') or config.get('predicates'),
      }) -}}
    {%- endcall -%}
    {{- drop_relation(temp_relation) -}}
  {%- endif -%}
  {{- run_hooks(post_hooks) -}}
  {%- do adapter.commit() -%}
  {{- run_hooks(post_hooks, inside_transaction=false) -}}
  {%- do return({'relations': [target_relation]}) -%}
{% endmaterialization %}
