{#- A view, replaced. -#}

{% materialization view, default %}
  {%- set target_relation = this.incorporate(type='view') -%}
  {%- set existing_relation = load_cached_relation(this) -%}
  {{- run_hooks(pre_hooks, inside_transaction=false) -}}
  {{- run_hooks(pre_hooks, inside_transaction=true) -}}
  {%- do wh__put_view(existing_relation, target_relation, sql) -%}
  {%- do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(existing_relation, full_refresh_mode=true)) -%}
  {%- do persist_docs(target_relation, model) -%}
  {{- run_hooks(post_hooks, inside_transaction=true) -}}
  {%- do adapter.commit() -%}
  {{- run_hooks(post_hooks, inside_transaction=false) -}}
  {%- do return({'relations': [target_relation]}) -%}
{% endmaterialization %}

{#- Whether a statement replaces what stands under its name. A project's own macro may make it one that does not. -#}
{% macro wh__replaces(statement_sql) %}
  {%- do return('or replace' in statement_sql | lower) -%}
{% endmacro %}

{#- Whether a model is made by its one statement alone, which then needs no transaction around it. -#}
{% macro wh__is_single_statement() %}
  {%- set hooks = (pre_hooks + post_hooks) | selectattr('transaction') | list -%}
  {%- set contract = config.get('contract') or {} -%}
  {%- do return(not (
    hooks or config.get('indexes') or config.get('persist_docs') or config.get('sql_header') or contract.get('enforced')
  )) -%}
{% endmacro %}

{#- Drops what a run that was broken off has left beside a relation. -#}
{% macro wh__drop_left_over(target) %}
  {%- for suffix in ['__dbt_tmp', '__dbt_backup'] -%}
    {%- do drop_relation_if_exists(load_cached_relation(target.incorporate(path={'identifier': target.identifier ~ suffix}))) -%}
  {%- endfor -%}
{% endmacro %}

{#- In place where nothing or a view stands there; dbt makes it beside and renames it, which costs more and leaves the same. -#}
{% macro wh__put_view(existing, target, sql) %}
  {%- do wh__drop_left_over(target) -%}
  {%- if existing is none or existing.is_view -%}
    {%- set build_sql = get_create_view_as_sql(target, sql) -%}
    {%- if existing is none or wh__replaces(build_sql) -%}
      {%- call statement('main', auto_begin=not wh__is_single_statement()) -%}{{ build_sql }}{%- endcall -%}
      {%- do return(none) -%}
    {%- endif -%}
  {%- endif -%}
  {%- set intermediate = make_intermediate_relation(target) -%}
  {%- do drop_relation_if_exists(load_cached_relation(intermediate)) -%}
  {%- call statement('main') -%}{{ get_create_view_as_sql(intermediate, sql) }}{%- endcall -%}
  {%- do wh__swap(existing, intermediate, target) -%}
{% endmacro %}

{#- Puts what was made beside a relation in its place, in the transaction that made it. -#}
{% macro wh__swap(existing, intermediate, target) %}
  {%- do drop_relation_if_exists(existing) -%}
  {%- do adapter.rename_relation(intermediate, target) -%}
{% endmacro %}
