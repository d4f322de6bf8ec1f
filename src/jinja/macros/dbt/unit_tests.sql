{#- Rows that a unit test gives and expects, as SQL. -#}

{#- The rows of an input; columns that a row leaves out are null. -#}
{% macro get_fixture_sql(rows, column_name_to_data_types) -%}
  {%- set quoted = {} -%}
  {%- if not column_name_to_data_types -%}
    {%- set column_name_to_data_types = {} -%}
    {%- set read = defer_relation if defer_relation and not load_relation(this) else this -%}
    {%- for column in adapter.get_columns_in_relation(read) -%}
      {%- do column_name_to_data_types.update({column.name | lower: column.data_type}) -%}
      {%- do quoted.update({column.name | lower: column.quoted}) -%}
    {%- endfor -%}
  {%- endif -%}
  {%- if not column_name_to_data_types -%}
    {%- do exceptions.raise_compiler_error("Not able to get columns for unit test '" ~ model.name ~ "' from relation " ~ this ~ " because the relation doesn't exist") -%}
  {%- endif -%}
  {%- set missing = {} -%}
  {%- for name, type in column_name_to_data_types.items() -%}
    {%- do missing.update({name: safe_cast('null', type) | trim}) -%}
  {%- endfor -%}
  {{- validate_fixture_rows(rows, row_number) -}}
  {%- for row in rows -%}
    {%- set values = missing.copy() -%}
    {%- do values.update(format_row(row, column_name_to_data_types)) -%}
select {% for name, value in values.items() %}{{ value }} as {{ quoted[name] or name }}{{ ', ' if not loop.last }}{% endfor %}
    {%- if not loop.last %}
union all
{% endif -%}
  {%- endfor -%}
  {%- if not rows -%}
select {% for name, value in missing.items() %}{{ value }} as {{ quoted[name] or name }}{{ ', ' if not loop.last }}{% endfor %}
limit 0
  {%- endif -%}
{%- endmacro %}

{#- The rows that are expected; columns that a row leaves out are not compared. -#}
{% macro get_expected_sql(rows, column_name_to_data_types, column_name_to_quoted) -%}
  {%- for row in rows -%}
select {% for name, value in format_row(row, column_name_to_data_types).items() %}{{ value }} as {{ column_name_to_quoted[name] }}{{ ', ' if not loop.last }}{% endfor %}
    {%- if not loop.last %}
union all
{% endif -%}
  {%- endfor -%}
  {%- if not rows -%}
select * from dbt_internal_unit_test_actual
limit 0
  {%- endif -%}
{%- endmacro %}

{#- A row's values as SQL of the columns' types, by names in lower case. -#}
{% macro format_row(row, column_name_to_data_types) -%}
  {%- set formatted = {} -%}
  {%- for name, value in row.items() -%}
    {%- set name = name | lower -%}
    {%- if name not in column_name_to_data_types -%}
      {%- set fixture = 'expected output' if model.resource_type == 'unit_test' else "'" ~ model.name ~ "'" -%}
      {%- do exceptions.raise_compiler_error("Invalid column name: '" ~ name ~ "' in unit test fixture for " ~ fixture
        ~ ".\nAccepted columns for " ~ fixture ~ ' are: ' ~ (column_name_to_data_types.keys() | list)) -%}
    {%- endif -%}
    {%- set type = column_name_to_data_types[name] -%}
    {%- if value is string -%}
      {#- A length would cut the text off in silence. -#}
      {%- set type = type.split('(')[0] if 'varying' in type else type -%}
      {%- set value = dbt.string_literal(dbt.escape_single_quotes(value)) -%}
    {%- elif value is none -%}
      {%- set value = 'null' -%}
    {%- endif -%}
    {%- do formatted.update({name: safe_cast(value, type)}) -%}
  {%- endfor -%}
  {%- do return(formatted) -%}
{%- endmacro %}

{% macro validate_fixture_rows(rows, row_number) -%}
  {%- do return(adapter.dispatch('validate_fixture_rows', 'dbt')(rows, row_number)) -%}
{%- endmacro %}

{% macro default__validate_fixture_rows(rows, row_number) -%}
{%- endmacro %}
