{#- A data test: its query's rows are counted and judged, and kept where that is asked for. -#}

{% materialization test, default %}
  {%- set limited_sql = get_limit_subquery_sql(sql, config.get('limit')) -%}
  {%- set sql_header = config.get('sql_header') if flags.REQUIRE_SQL_HEADER_IN_TEST_CONFIGS else none -%}
  {%- set relations = [] -%}
  {%- set main_sql = limited_sql -%}
  {%- if wh__keeps_failures() -%}
    {%- set target_relation = wh__store_failures(limited_sql, sql_header) -%}
    {%- do relations.append(target_relation) -%}
    {%- set main_sql = 'select * from ' ~ target_relation -%}
  {%- endif -%}
  {%- call statement('main', fetch_result=true, auto_begin=false) -%}
    {{ sql_header if sql_header }}
    {{ get_test_sql(main_sql, config.get('fail_calc') or 'count(*)', config.get('warn_if') or '!= 0', config.get('error_if') or '!= 0', limit=none) -}}
  {%- endcall -%}
  {%- do return({'relations': relations}) -%}
{% endmaterialization %}

{#- Whether the rows that a test finds are kept: `store_failures_as` decides, else `store_failures`. -#}
{% macro wh__keeps_failures() %}
  {%- set kind = config.get('store_failures_as') -%}
  {%- do return(kind != 'ephemeral' if kind else should_store_failures()) -%}
{% endmacro %}

{#- Makes the relation of the rows that a test finds, in place of the one from before. -#}
{% macro wh__store_failures(failures_sql, sql_header) %}
  {%- set kind = config.get('store_failures_as') or 'table' -%}
  {%- if kind not in ['table', 'view'] -%}
    {%- do exceptions.raise_compiler_error(
      "'" ~ kind ~ "' is not a valid value for `store_failures_as`. Accepted values are: ['ephemeral', 'table', 'view']"
    ) -%}
  {%- endif -%}
  {%- set target_relation = api.Relation.create(database=database, schema=schema, identifier=model['alias'], type=kind) -%}
  {%- set old_relation = adapter.get_relation(database=database, schema=schema, identifier=model['alias']) -%}
  {%- do adapter.ensure_transaction() -%}
  {%- if old_relation -%}
    {%- do adapter.drop_relation(old_relation) -%}
  {%- endif -%}
  {%- call statement(auto_begin=true) -%}
    {{ sql_header if sql_header }}
    {{ get_create_sql(target_relation, failures_sql) -}}
  {%- endcall -%}
  {%- do adapter.commit() -%}
  {%- do return(target_relation) -%}
{% endmacro %}

{% macro get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
  {{- adapter.dispatch('get_test_sql', 'dbt')(main_sql, fail_calc, warn_if, error_if, limit) -}}
{%- endmacro %}

{% macro default__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
select
  {{ fail_calc }} as failures,
  {{ fail_calc }} {{ warn_if }} as should_warn,
  {{ fail_calc }} {{ error_if }} as should_error
from (
{{ main_sql }}
{% if limit is not none %}limit {{ limit }}{% endif %}
) dbt_internal_test
{%- endmacro %}
