{#- Tables, views and their columns, as the catalog lists them. -#}

{% macro duckdb__get_catalog(information_schema, schemas) -%}
  {%- do return(duckdb_catalog(information_schema, duckdb__get_catalog_schemas_where_clause_sql(schemas))) -%}
{%- endmacro %}

{% macro duckdb__get_catalog_relations(information_schema, relations) -%}
  {%- do return(duckdb_catalog(information_schema, duckdb__get_catalog_relations_where_clause_sql(relations))) -%}
{%- endmacro %}

{% macro duckdb_catalog(information_schema, where) -%}
  {%- set sql -%}
with tables as (
    {{ duckdb__get_catalog_tables_sql(information_schema) }}
    {{ where }}
),
columns as (
    {{ duckdb__get_catalog_columns_sql(information_schema) }}
    {{ where }}
)
{{ duckdb__get_catalog_results_sql() }}
  {%- endset -%}
  {%- do return(run_query(sql)) -%}
{%- endmacro %}

{% macro duckdb__get_catalog_tables_sql(information_schema) -%}
select *
from (
    select
        database_name as table_database, schema_name as table_schema, table_name,
        'BASE TABLE' as table_type, comment as table_comment
    from duckdb_tables()
    where lower(database_name) = lower('{{ information_schema.database }}')
    union all
    select
        database_name as table_database, schema_name as table_schema, view_name as table_name,
        'VIEW' as table_type, comment as table_comment
    from duckdb_views()
    where lower(database_name) = lower('{{ information_schema.database }}')
) catalog_tables
{%- endmacro %}

{% macro duckdb__get_catalog_columns_sql(information_schema) -%}
select *
from (
    select
        database_name as table_database, schema_name as table_schema, table_name,
        column_name, column_index, data_type as column_type, comment as column_comment
    from duckdb_columns()
    where lower(database_name) = lower('{{ information_schema.database }}')
) catalog_columns
{%- endmacro %}

{% macro duckdb__get_catalog_results_sql() -%}
select
    table_database, table_schema, table_name, table_type, table_comment,
    column_name, column_index, column_type, column_comment, '' as table_owner
from tables
inner join columns using (table_database, table_schema, table_name)
order by table_schema, table_name, column_index
{%- endmacro %}

{% macro duckdb__get_catalog_schemas_where_clause_sql(schemas) -%}
where lower(table_schema) in (
  {%- for schema in schemas %}lower('{{ schema }}'){{ ', ' if not loop.last }}{% endfor -%}
)
{%- endmacro %}

{% macro duckdb__get_catalog_relations_where_clause_sql(relations) -%}
where
  {%- for relation in relations %}
    (lower(table_schema) = lower('{{ relation.schema }}'){% if relation.identifier %} and lower(table_name) = lower('{{ relation.identifier }}'){% endif %}){{ ' or' if not loop.last }}
  {%- endfor %}
{%- endmacro %}
