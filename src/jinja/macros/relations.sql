{#- Making, finding and dropping relations. Each is dispatched, so that a project may bring its own. -#}

{% macro load_relation(relation) %}
  {%- do return(adapter.get_relation(relation.database, relation.schema, relation.identifier)) -%}
{% endmacro %}

{% macro load_cached_relation(relation) %}
  {%- do return(load_relation(relation)) -%}
{% endmacro %}

{% macro make_temp_relation(base_relation, suffix='__dbt_tmp') %}
  {%- do return(adapter.dispatch('make_temp_relation', 'dbt')(base_relation, suffix)) -%}
{% endmacro %}

{% macro default__make_temp_relation(base_relation, suffix) %}
  {%- do return(api.Relation.create(database='temp', schema='main', identifier=base_relation.identifier ~ suffix, type='table')) -%}
{% endmacro %}

{% macro get_create_table_as_sql(temporary, relation, sql) %}
  {{- adapter.dispatch('get_create_table_as_sql', 'dbt')(temporary, relation, sql) -}}
{% endmacro %}

{% macro default__get_create_table_as_sql(temporary, relation, sql) %}
  {{- create_table_as(temporary, relation, sql) -}}
{% endmacro %}

{% macro create_table_as(temporary, relation, compiled_code, language='sql') %}
  {{- adapter.dispatch('create_table_as', 'dbt')(temporary, relation, compiled_code, language) -}}
{% endmacro %}

{% macro default__create_table_as(temporary, relation, compiled_code, language='sql') -%}
create or replace {% if temporary %}temporary {% endif %}table {{ relation }} as (
{{ compiled_code }}
)
{%- endmacro %}

{% macro get_create_view_as_sql(relation, sql) %}
  {{- adapter.dispatch('get_create_view_as_sql', 'dbt')(relation, sql) -}}
{% endmacro %}

{% macro default__get_create_view_as_sql(relation, sql) %}
  {{- create_view_as(relation, sql) -}}
{% endmacro %}

{% macro create_view_as(relation, sql) %}
  {{- adapter.dispatch('create_view_as', 'dbt')(relation, sql) -}}
{% endmacro %}

{% macro default__create_view_as(relation, sql) -%}
create or replace view {{ relation }} as (
{{ sql }}
)
{%- endmacro %}

{% macro drop_relation(relation) %}
  {{- adapter.dispatch('drop_relation', 'dbt')(relation) -}}
{% endmacro %}

{% macro default__drop_relation(relation) -%}
  {%- call statement('drop_relation') -%}
drop {{ relation.type }} if exists {{ relation }} cascade
  {%- endcall -%}
{%- endmacro %}

{% macro drop_relation_if_exists(relation) %}
  {%- if relation is not none -%}
    {{- drop_relation(relation) -}}
  {%- endif -%}
{% endmacro %}

{#- Drops what stands where `relation` is to be made, when it is of another type. -#}
{% macro drop_other_type(relation) %}
  {%- set existing = load_relation(relation) -%}
  {%- if existing is not none and existing.type != relation.type -%}
    {{- drop_relation(existing) -}}
  {%- endif -%}
{% endmacro %}

{% macro get_columns_in_relation(relation) %}
  {%- do return(adapter.get_columns_in_relation(relation)) -%}
{% endmacro %}

{% macro run_hooks(hooks, inside_transaction=true) %}
  {%- for hook in hooks | selectattr('transaction', 'equalto', inside_transaction) -%}
    {%- call statement(auto_begin=inside_transaction) -%}{{ hook.sql }}{%- endcall -%}
  {%- endfor -%}
{% endmacro %}

{% macro should_full_refresh() %}
  {%- set configured = config.get('full_refresh') -%}
  {%- if configured is none -%}
    {%- set configured = flags.FULL_REFRESH -%}
  {%- endif -%}
  {%- do return(configured) -%}
{% endmacro %}
