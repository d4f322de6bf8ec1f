{#- A table, replaced as a whole. -#}

{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set existing_relation = load_cached_relation(this) -%}
  {{- run_hooks(pre_hooks, inside_transaction=false) -}}
  {{- run_hooks(pre_hooks, inside_transaction=true) -}}
  {%- do wh__put_table(existing_relation, target_relation, compiled_code, model['language'] or 'sql') -%}
  {%- do create_indexes(target_relation) -%}
  {{- run_hooks(post_hooks, inside_transaction=true) -}}
  {%- do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(existing_relation, full_refresh_mode=true)) -%}
  {%- do persist_docs(target_relation, model) -%}
  {%- do adapter.commit() -%}
  {{- run_hooks(post_hooks, inside_transaction=false) -}}
  {%- do return({'relations': [target_relation]}) -%}
{% endmaterialization %}

{#- Makes a table: in place where one statement can, else beside what stands there, which is then swapped. Tables of a foreign key
    cannot be swapped, those are dropped and made again in the same transaction. -#}
{% macro wh__put_table(existing, target, code, language) %}
  {%- set layout = {'partitioned_by': duckdb__get_partitioned_by(target, false), 'sorted_by': duckdb__get_sorted_by(target, false)} -%}
  {%- do wh__drop_left_over(target) -%}
  {%- if existing is none -%}
    {%- do wh__make_table(target, code, language, layout) -%}
    {%- do return(none) -%}
  {%- endif -%}
  {%- if has_foreign_key_constraints(existing) -%}
    {%- set dropped = drop_relation_for_rebuild(existing) -%}
    {%- do wh__make_table(target, code, language, layout) -%}
    {%- do restore_foreign_key_dependents(dropped) -%}
    {%- do return(none) -%}
  {%- endif -%}
  {%- set is_plain = existing.is_table and language == 'sql' and not (config.get('contract') or {}).get('enforced') -%}
  {%- set is_target_of_key = existing.is_table and may_be_foreign_key_target(existing) -%}
  {%- if is_plain and not is_target_of_key -%}
    {%- set build_sql = create_table_as(false, target, code, language, **layout) -%}
    {%- if wh__replaces(build_sql) -%}
      {%- call statement('main', auto_begin=not wh__is_single_statement()) -%}{{ build_sql }}{%- endcall -%}
      {%- do return(none) -%}
    {%- endif -%}
  {%- endif -%}
  {%- set intermediate = make_intermediate_relation(target) -%}
  {%- do drop_relation_if_exists(load_cached_relation(intermediate)) -%}
  {%- do adapter.ensure_transaction() -%}
  {%- call statement('main', language=language) -%}{{ create_table_as(false, intermediate, code, language, **layout) }}{%- endcall -%}
  {%- set dropped = drop_foreign_key_dependents(existing) if is_target_of_key else [] -%}
  {%- do wh__swap(existing, intermediate, target) -%}
  {%- do restore_foreign_key_dependents(dropped) -%}
{% endmacro %}

{% macro wh__make_table(target, code, language, layout) %}
  {%- set single = language == 'sql' and wh__is_single_statement() -%}
  {%- call statement('main', language=language, auto_begin=not single) -%}
    {{- create_table_as(false, target, code, language, **layout) -}}
  {%- endcall -%}
{% endmacro %}
