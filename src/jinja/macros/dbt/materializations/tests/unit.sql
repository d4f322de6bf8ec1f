{#- A unit test: what the model makes of given rows, beside what it should. -#}

{% materialization unit, default %}
  {%- set expected_rows = config.get('expected_rows') -%}
  {%- set expected_sql = config.get('expected_sql') -%}
  {%- set temp_relation = make_temp_relation(this.incorporate(type='table')) -%}
  {%- do run_query(get_create_table_as_sql(true, temp_relation, get_empty_subquery_sql(sql))) -%}
  {%- set columns = adapter.get_columns_in_relation(temp_relation) -%}
  {%- do adapter.drop_relation(temp_relation) -%}
  {%- set types = {} -%}
  {%- set quoted = {} -%}
  {%- for column in columns -%}
    {%- do types.update({column.name | lower: column.data_type}) -%}
    {%- do quoted.update({column.name | lower: column.quoted}) -%}
  {%- endfor -%}
  {%- set tested = expected_rows[0].keys() if expected_rows else types.keys() -%}
  {%- set tested_quoted = [] -%}
  {%- for name in tested -%}
    {%- do tested_quoted.append(quoted[name | lower]) -%}
  {%- endfor -%}
  {%- if not expected_sql -%}
    {%- set expected_sql = get_expected_sql(expected_rows, types, quoted) -%}
  {%- endif -%}
  {%- call statement('main', fetch_result=true, auto_begin=false) -%}
    {{- get_unit_test_sql(sql, expected_sql, tested_quoted) -}}
  {%- endcall -%}
  {%- do return({'relations': []}) -%}
{% endmaterialization %}

{% macro get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
  {{- adapter.dispatch('get_unit_test_sql', 'dbt')(main_sql, expected_fixture_sql, expected_column_names) -}}
{%- endmacro %}

{% macro default__get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
  {%- set columns = expected_column_names | join(', ') -%}
with dbt_internal_unit_test_actual as (
  select {{ columns }}, 'actual' as {{ adapter.quote('actual_or_expected') }}
  from (
{{ main_sql }}
  ) _dbt_internal_unit_test_actual
),
dbt_internal_unit_test_expected as (
  select {{ columns }}, 'expected' as {{ adapter.quote('actual_or_expected') }}
  from (
{{ expected_fixture_sql }}
  ) _dbt_internal_unit_test_expected
)
select * from dbt_internal_unit_test_actual
union all
select * from dbt_internal_unit_test_expected
{%- endmacro %}
