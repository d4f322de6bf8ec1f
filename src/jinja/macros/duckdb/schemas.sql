{#- Schemas and relations of DuckDB. -#}

{#- Schemas of other engines that are attached are theirs. -#}
{% macro duckdb__create_schema(relation) -%}
  {%- set attached = run_query("select type from duckdb_databases() where lower(database_name) = '" ~ relation.database | lower ~ "' and type != 'duckdb'") -%}
  {%- set kind = attached.columns[0].values()[0] if attached else none -%}
  {%- if kind == 'sqlite' and relation.schema != 'main' -%}
    {%- do exceptions.raise_compiler_error("Schema must be 'main' when writing to sqlite instead got " ~ relation.schema) -%}
  {%- endif -%}
  {%- if kind not in ['sqlite', 'mysql'] -%}
    {%- call statement('create_schema') -%}
create schema if not exists {{ relation.without_identifier() }}
    {%- endcall -%}
  {%- endif -%}
{%- endmacro %}

{% macro duckdb__drop_schema(relation) -%}
  {%- call statement('drop_schema') -%}
drop schema if exists {{ relation.without_identifier() }} cascade
  {%- endcall -%}
{%- endmacro %}

{% macro duckdb__list_schemas(database) -%}
  {%- set sql -%}
select schema_name
from system.information_schema.schemata
    {%- if database is not none %}
where lower(catalog_name) = '{{ database | lower }}'
    {%- endif %}
  {%- endset -%}
  {%- do return(run_query(sql)) -%}
{%- endmacro %}

{% macro duckdb__check_schema_exists(information_schema, schema) -%}
  {%- set sql -%}
select count(*)
from system.information_schema.schemata
where lower(schema_name) = '{{ schema | lower }}'
    and lower(catalog_name) = '{{ information_schema.database | lower }}'
  {%- endset -%}
  {%- do return(run_query(sql)) -%}
{%- endmacro %}

{% macro duckdb__list_relations_without_caching(schema_relation) %}
  {%- call statement('list_relations_without_caching', fetch_result=true) -%}
select
    '{{ schema_relation.database }}' as database,
    table_name as name,
    table_schema as schema,
    case table_type when 'VIEW' then 'view' else 'table' end as type
from system.information_schema.tables
where lower(table_schema) = '{{ schema_relation.schema | lower }}'
    and lower(table_catalog) = '{{ schema_relation.database | lower }}'
  {%- endcall -%}
  {%- do return(load_result('list_relations_without_caching').table) -%}
{% endmacro %}

{% macro duckdb__get_columns_in_relation(relation) -%}
  {%- call statement('get_columns_in_relation', fetch_result=true) -%}
select
    column_name,
    column_type as data_type,
    cast(null as bigint) as character_maximum_length,
    cast(null as bigint) as numeric_precision,
    cast(null as bigint) as numeric_scale
from (describe {{ relation.render() }})
  {%- endcall -%}
  {%- do return(sql_convert_columns_in_relation(load_result('get_columns_in_relation').table)) -%}
{%- endmacro %}

{#- A header's statements cannot stand inside of `describe (…)`, so they are run before. -#}
{% macro duckdb__get_empty_subquery_sql(select_sql, select_sql_header=none) -%}
  {%- if select_sql_header is not none -%}
    {%- do run_query(select_sql_header) -%}
  {%- endif -%}
select * from (
    {{ select_sql }}
) as __dbt_sbq
where false
limit 0
{%- endmacro %}

{% macro duckdb__drop_relation(relation) -%}
  {%- call statement('drop_relation', auto_begin=false) -%}
drop {{ relation.type }} if exists {{ relation }}{{ ' cascade' if not adapter.is_ducklake(relation) }}
  {%- endcall -%}
{%- endmacro %}

{% macro duckdb__rename_relation(from_relation, to_relation) -%}
  {%- call statement('rename_relation') -%}
alter {{ to_relation.type }} {{ from_relation }} rename to {{ adapter.quote_as_configured(to_relation.identifier, 'identifier') }}
  {%- endcall -%}
{%- endmacro %}

{#- Temporary tables are a connection's own; the time in the name keeps runs apart. -#}
{% macro duckdb__make_temp_relation(base_relation, suffix) %}
  {%- set identifier = base_relation.identifier ~ suffix ~ py_current_timestring() -%}
  {%- do return(base_relation.incorporate(path={'identifier': identifier, 'schema': none, 'database': none})) -%}
{% endmacro %}

{% macro duckdb__alter_relation_add_remove_columns(relation, add_columns, remove_columns) %}
  {%- for column in add_columns or [] -%}
    {%- do run_query('alter ' ~ relation.type ~ ' ' ~ relation ~ ' add column ' ~ api.Relation.create(identifier=column.name) ~ ' ' ~ column.data_type) -%}
  {%- endfor -%}
  {%- for column in remove_columns or [] -%}
    {%- do run_query('alter ' ~ relation.type ~ ' ' ~ relation ~ ' drop column ' ~ api.Relation.create(identifier=column.name)) -%}
  {%- endfor -%}
{% endmacro %}

{% macro get_column_names() -%}
(
  {%- for name in model['columns'] %}
    {%- set column = model['columns'][name] %}
    {{ adapter.quote(column['name']) if column.get('quote') else column['name'] }}{{ ',' if not loop.last }}
  {%- endfor %}
)
{%- endmacro %}
