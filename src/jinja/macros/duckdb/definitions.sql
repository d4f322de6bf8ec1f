{#- The SQL that makes tables and views. -#}

{% macro create_table_as(temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none) -%}
  {%- do return(adapter.dispatch('create_table_as', 'dbt')(temporary, relation, compiled_code, language, partitioned_by=partitioned_by, sorted_by=sorted_by)) -%}
{%- endmacro %}

{#- Tables with a contract, a partitioning or an order are defined first and filled then; temporary ones take no constraints. -#}
{% macro duckdb__create_table_as(temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none) -%}
  {%- if language == 'python' -%}
    {{- py_write_table(temporary=temporary, relation=relation, compiled_code=compiled_code, partitioned_by=partitioned_by, sorted_by=sorted_by) -}}
  {%- elif language != 'sql' -%}
    {%- do exceptions.raise_compiler_error('a table is made by sql or python, not by ' ~ language) -%}
  {%- else -%}
    {%- set contract = config.get('contract') -%}
    {%- if contract.enforced -%}
      {{- get_assert_columns_equivalent(compiled_code) -}}
    {%- endif -%}
{{ config.get('sql_header', none) or '' }}
create {{ 'temporary ' if temporary else wh__or_replace(relation) }}table {{ relation.include(database=not temporary, schema=not temporary) }}
    {%- if contract.enforced and not temporary %}
{{ get_table_columns_and_constraints() }};
{{ duckdb_table_layout(relation, partitioned_by, sorted_by) }}
insert into {{ relation }} {{ get_column_names() }} (
    {{ get_select_subquery(compiled_code) }}
);
    {%- elif partitioned_by or sorted_by %}
as (
    select * from (
        {{ compiled_code }}
    ) as model_subq
    limit 0
);
{{ duckdb_table_layout(relation, partitioned_by, sorted_by) }}
insert into {{ relation }}
select * from (
    {{ compiled_code }}
) as model_subq;
    {%- else %}
as (
    {{ compiled_code }}
);
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}

{#- What stands in a definition where the name is taken. -#}
{% macro wh__or_replace(relation) -%}
  {%- do return('or replace ' if execute and load_cached_relation(relation) else '') -%}
{%- endmacro %}

{% macro duckdb_table_layout(relation, partitioned_by, sorted_by) -%}
  {%- if partitioned_by -%}
{{ duckdb__alter_table_set_partitioned_by(relation, partitioned_by) }}
  {%- endif -%}
  {%- if sorted_by %}
{{ duckdb__alter_table_set_sorted_by(relation, sorted_by) }}
  {%- endif -%}
{%- endmacro %}

{% macro duckdb__alter_table_set_partitioned_by(relation, partitioned_by) -%}
alter table {{ relation }} set partitioned by ({{ partitioned_by }});
{%- endmacro %}

{% macro duckdb__alter_table_set_sorted_by(relation, sorted_by) -%}
alter table {{ relation }} set sorted by ({{ sorted_by }});
{%- endmacro %}

{% macro duckdb__get_partitioned_by(relation, temporary) -%}
  {%- set columns = duckdb_layout_columns(relation, temporary, 'partitioned_by', 'partition_by') -%}
  {%- do return(columns | join(', ') if columns else none) -%}
{%- endmacro %}

{% macro duckdb__get_sorted_by(relation, temporary) -%}
  {%- set quoted = [] -%}
  {%- for column in duckdb_layout_columns(relation, temporary, 'sorted_by', 'sort_by') or [] -%}
    {%- do quoted.append(adapter.quote(column)) -%}
  {%- endfor -%}
  {%- do return(quoted | join(', ') if quoted else none) -%}
{%- endmacro %}

{#- The columns that lay out the final table of a DuckLake; other tables and those on the way to it have none. -#}
{% macro duckdb_layout_columns(relation, temporary, key, old_key) -%}
  {%- set given = config.get(key, none) or config.get(old_key, none) -%}
  {%- if temporary or not given -%}
    {%- do return(none) -%}
  {%- endif -%}
  {%- set columns = normalize_string_or_list(given, key ~ '/' ~ old_key) -%}
  {%- if not columns -%}
    {%- do exceptions.raise_compiler_error(key ~ '/' ~ old_key ~ ' must contain at least one column') -%}
  {%- endif -%}
  {%- set on_the_way = this is defined and relation.identifier and this.identifier and relation.identifier != this.identifier -%}
  {%- if on_the_way and config.get('materialized') in ['table', 'incremental'] -%}
    {%- do return(none) -%}
  {%- endif -%}
  {%- if not adapter.is_ducklake(relation) -%}
    {%- do adapter.warn_once(key ~ '/' ~ old_key ~ ' is only supported for DuckLake relations; ignoring for ' ~ relation) -%}
    {%- do return(none) -%}
  {%- endif -%}
  {%- do return(columns) -%}
{%- endmacro %}

{% macro duckdb__create_view_as(relation, sql) -%}
  {%- if config.get('contract').enforced -%}
    {{- get_assert_columns_equivalent(sql) -}}
  {%- endif -%}
{{ config.get('sql_header', none) or '' }}
create {{ wh__or_replace(relation) }}view {{ relation }} as (
    {{ sql }}
);
{%- endmacro %}

{#- A Python model's code, and how its result becomes a table. -#}
{% macro py_write_table(temporary, relation, compiled_code, partitioned_by=none, sorted_by=none) -%}
{{ compiled_code }}

def materialize(df, con):
    try:
        import pyarrow
        if isinstance(df, pyarrow.Table):
            import pyarrow.dataset
    except ImportError:
        pass
    name = '__dbt_python_model_df_{{ relation.identifier }}'
    con.register(name, df)
    {%- if partitioned_by or sorted_by %}
    con.execute('create table {{ relation }} as select * from ' + name + ' limit 0')
      {%- if partitioned_by %}
    con.execute('alter table {{ relation }} set partitioned by ({{ partitioned_by }})')
      {%- endif %}
      {%- if sorted_by %}
    con.execute('alter table {{ relation }} set sorted by ({{ sorted_by }})')
      {%- endif %}
    con.execute('insert into {{ relation }} select * from ' + name)
    {%- else %}
    con.execute('create table {{ relation }} as select * from ' + name)
    {%- endif %}
    con.unregister(name)
{%- endmacro %}
