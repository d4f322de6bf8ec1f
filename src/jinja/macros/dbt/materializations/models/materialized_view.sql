{#- A view that keeps its rows, for engines that have such; DuckDB needs the project's macros for it. -#}

{% materialization materialized_view, default %}
  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type=this.MaterializedView) -%}
  {%- set intermediate = make_intermediate_relation(target_relation) -%}
  {%- set backup = make_backup_relation(target_relation, existing_relation.type if existing_relation is not none else target_relation.MaterializedView) -%}
  {{- materialized_view_setup(backup, intermediate, pre_hooks) -}}
  {%- set build_sql = materialized_view_get_build_sql(existing_relation, target_relation, backup, intermediate) -%}
  {%- if build_sql == '' -%}
    {{- materialized_view_execute_no_op(target_relation) -}}
  {%- else -%}
    {{- materialized_view_execute_build_sql(build_sql, existing_relation, target_relation, post_hooks) -}}
  {%- endif -%}
  {{- materialized_view_teardown(backup, intermediate, post_hooks) -}}
  {%- do return({'relations': [target_relation]}) -%}
{% endmaterialization %}

{#- Removes what a run that was killed left beside the relation. -#}
{% macro materialized_view_setup(backup_relation, intermediate_relation, pre_hooks) %}
  {%- for left in [backup_relation, intermediate_relation] -%}
    {%- do drop_relation_if_exists(load_cached_relation(left)) -%}
  {%- endfor -%}
  {{- run_hooks(pre_hooks, inside_transaction=false) -}}
{% endmacro %}

{% macro materialized_view_teardown(backup_relation, intermediate_relation, post_hooks) %}
  {%- for left in [backup_relation, intermediate_relation] -%}
    {%- do drop_relation_if_exists(load_cached_relation(left)) -%}
  {%- endfor -%}
  {{- run_hooks(post_hooks, inside_transaction=false) -}}
{% endmacro %}

{#- What brings the relation up to date: made, replaced, refreshed or altered; nothing where a change is to be left. -#}
{% macro materialized_view_get_build_sql(existing_relation, target_relation, backup_relation, intermediate_relation) %}
  {%- if existing_relation is none -%}
    {%- do return(get_create_materialized_view_as_sql(target_relation, sql)) -%}
  {%- elif should_full_refresh() or not existing_relation.is_materialized_view -%}
    {%- do return(get_replace_sql(existing_relation, target_relation, sql)) -%}
  {%- endif -%}
  {%- set changes = get_materialized_view_configuration_changes(existing_relation, config) -%}
  {%- if changes is none -%}
    {%- do return(refresh_materialized_view(target_relation)) -%}
  {%- endif -%}
  {%- set wanted = config.get('on_configuration_change') -%}
  {%- set found = 'the configuration of `' ~ target_relation ~ '` changed, and `on_configuration_change` is `' ~ wanted ~ '`' -%}
  {%- if wanted == 'apply' -%}
    {%- do return(get_alter_materialized_view_as_sql(target_relation, changes, sql, existing_relation, backup_relation, intermediate_relation)) -%}
  {%- elif wanted == 'continue' -%}
    {%- do exceptions.warn(found) -%}
    {%- do return('') -%}
  {%- elif wanted == 'fail' -%}
    {%- do exceptions.raise_fail_fast_error(found) -%}
  {%- else -%}
    {%- do exceptions.raise_compiler_error(found ~ ', which is none of apply, continue and fail') -%}
  {%- endif -%}
{% endmacro %}

{% macro materialized_view_execute_no_op(target_relation) %}
  {%- do store_raw_result(name='main', message='skip ' ~ target_relation, code='skip', rows_affected='-1') -%}
{% endmacro %}

{% macro materialized_view_execute_build_sql(build_sql, existing_relation, target_relation, post_hooks) %}
  {{- run_hooks(pre_hooks, inside_transaction=true) -}}
  {%- call statement(name='main') -%}{{ build_sql }}{%- endcall -%}
  {%- do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(existing_relation, full_refresh_mode=true)) -%}
  {%- do persist_docs(target_relation, model) -%}
  {{- run_hooks(post_hooks, inside_transaction=true) -}}
  {%- do adapter.commit() -%}
{% endmacro %}
