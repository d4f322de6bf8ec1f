{#- A contract's columns against those of the SQL. -#}

{% macro get_table_columns_and_constraints() -%}
  {%- do return(adapter.dispatch('get_table_columns_and_constraints', 'dbt')()) -%}
{%- endmacro %}

{% macro default__get_table_columns_and_constraints() -%}
  {%- do return(table_columns_and_constraints()) -%}
{%- endmacro %}

{% macro table_columns_and_constraints() %}
  {%- set parts = adapter.render_raw_columns_constraints(raw_columns=model['columns'])
    + adapter.render_raw_model_constraints(raw_constraints=model['constraints']) -%}
(
  {%- for part in parts %}
    {{ part }}{{ ',' if not loop.last }}
  {%- endfor %}
)
{% endmacro %}

{% macro get_assert_columns_equivalent(sql) -%}
  {%- do return(adapter.dispatch('get_assert_columns_equivalent', 'dbt')(sql)) -%}
{%- endmacro %}

{% macro default__get_assert_columns_equivalent(sql) -%}
  {%- do return(assert_columns_equivalent(sql)) -%}
{%- endmacro %}

{#- Fails unless the SQL has the columns of the contract, with their types; their order does not matter. -#}
{% macro assert_columns_equivalent(sql) %}
  {%- if not model['columns'] -%}
    {%- do exceptions.raise_contract_error([], []) -%}
  {%- endif -%}
  {%- set sql_columns = format_columns(get_column_schema_from_query(sql, config.get('sql_header', none))) -%}
  {%- set yaml_columns = format_columns(get_column_schema_from_query(get_empty_schema_sql(model['columns']))) -%}
  {%- if sql_columns | length != yaml_columns | length -%}
    {%- do exceptions.raise_contract_error(yaml_columns, sql_columns) -%}
  {%- endif -%}
  {%- for column in sql_columns -%}
    {%- set promised = yaml_columns | selectattr('name', 'equalto', column['name']) | list -%}
    {%- if not promised or promised[0]['formatted'] != column['formatted'] -%}
      {%- do exceptions.raise_contract_error(yaml_columns, sql_columns) -%}
    {%- endif -%}
  {%- endfor -%}
{% endmacro %}

{% macro format_columns(columns) %}
  {%- set formatted = [] -%}
  {%- for column in columns -%}
    {%- do formatted.append(adapter.dispatch('format_column', 'dbt')(column)) -%}
  {%- endfor -%}
  {%- do return(formatted) -%}
{% endmacro %}

{% macro default__format_column(column) -%}
  {%- do return({'name': column.name, 'data_type': column.dtype, 'formatted': column.column.lower() ~ ' ' ~ column.dtype}) -%}
{%- endmacro %}

{% macro get_empty_schema_sql(columns) -%}
  {%- do return(adapter.dispatch('get_empty_schema_sql', 'dbt')(columns)) -%}
{%- endmacro %}

{#- A query of no rows with the names and types that a contract promises. -#}
{% macro default__get_empty_schema_sql(columns) %}
  {%- set untyped = [] -%}
  {%- set unscaled = [] -%}
  {%- set selected = [] -%}
  {%- for key in columns -%}
    {%- set column = columns[key] -%}
    {%- if column['data_type'] is not defined or column['data_type'] is none -%}
      {%- do untyped.append(column['name']) -%}
    {%- else -%}
      {%- if column['data_type'].strip().lower() in ('numeric', 'decimal', 'number') -%}
        {%- do unscaled.append(column['name']) -%}
      {%- endif -%}
      {%- set name = adapter.quote(column['name']) if column.get('quote') else column['name'] -%}
      {%- do selected.append(cast('null', column['data_type']) | trim ~ ' as ' ~ name) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- if untyped -%}
    {%- do exceptions.column_type_missing(column_names=untyped) -%}
  {%- elif unscaled -%}
    {%- do exceptions.warn('Detected columns with numeric type and unspecified precision/scale, this can lead to unintended rounding: ' ~ unscaled ~ '`') -%}
  {%- endif -%}
select
    {{ selected | join(',\n    ') }}
{% endmacro %}
