{#- A CSV file of the project as a table: made once, then emptied and filled again; made anew with a full refresh. -#}

{% materialization seed, default %}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set full_refresh_mode = should_full_refresh() -%}
  {%- set old_relation = load_cached_relation(this) -%}
  {%- set agate_table = load_agate_table() -%}
  {%- do store_result('agate_table', response='OK', agate_table=agate_table) -%}
  {%- set row_count = agate_table.rows | length -%}
  {{- run_hooks(pre_hooks, inside_transaction=false) -}}
  {{- run_hooks(pre_hooks, inside_transaction=true) -}}
  {%- if old_relation is not none and old_relation.is_view -%}
    {%- do exceptions.raise_compiler_error("Cannot seed to '" ~ old_relation ~ "', it is a view") -%}
  {%- endif -%}
  {%- set made = old_relation is none or full_refresh_mode -%}
  {%- if old_relation is none -%}
    {%- set reset_sql = create_csv_table(model, agate_table) -%}
  {%- else -%}
    {%- set reset_sql = reset_csv_table(model, full_refresh_mode, old_relation, agate_table) -%}
  {%- endif -%}
  {#- A file of one column and empty lines has rows for DuckDB's reader. -#}
  {%- set has_rows = row_count > 0 or (config.get('fast', true) and not flags.EMPTY) -%}
  {%- set load_sql = load_csv_rows(model, agate_table) if has_rows else '' -%}
  {%- set code = 'CREATE' if full_refresh_mode else 'INSERT' -%}
  {%- call noop_statement('main', code ~ ' ' ~ row_count, code, row_count) -%}
    {{- get_csv_sql(reset_sql, load_sql) -}}
  {%- endcall -%}
  {%- do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(old_relation, full_refresh_mode)) -%}
  {%- do persist_docs(target_relation, model) -%}
  {%- if made -%}
    {%- do create_indexes(target_relation) -%}
  {%- endif -%}
  {{- run_hooks(post_hooks, inside_transaction=true) -}}
  {%- do adapter.commit() -%}
  {{- run_hooks(post_hooks, inside_transaction=false) -}}
  {%- do return({'relations': [target_relation]}) -%}
{% endmaterialization %}

{% macro create_csv_table(model, agate_table) %}
  {%- do return(adapter.dispatch('create_csv_table', 'dbt')(model, agate_table)) -%}
{% endmacro %}

{#- Columns have the configured types, else the inferred ones. -#}
{% macro default__create_csv_table(model, agate_table) %}
  {%- set configured = model['config'].get('column_types') or {} -%}
  {%- set quote_columns = model['config'].get('quote_columns') -%}
  {%- set columns = [] -%}
  {%- for name in agate_table.column_names -%}
    {%- set data_type = configured.get(name, adapter.convert_type(agate_table, loop.index0)) -%}
    {%- do columns.append(adapter.quote_seed_column(name, quote_columns) ~ ' ' ~ data_type) -%}
  {%- endfor -%}
  {%- set create_sql = 'create table ' ~ this.render() ~ ' (' ~ columns | join(', ') ~ ')' -%}
  {%- call statement('_') -%}{{ create_sql }}{%- endcall -%}
  {%- do return(create_sql) -%}
{% endmacro %}

{% macro reset_csv_table(model, full_refresh, old_relation, agate_table) %}
  {%- do return(adapter.dispatch('reset_csv_table', 'dbt')(model, full_refresh, old_relation, agate_table)) -%}
{% endmacro %}

{% macro default__reset_csv_table(model, full_refresh, old_relation, agate_table) %}
  {%- if full_refresh -%}
    {%- do adapter.drop_relation(old_relation) -%}
    {%- do return(create_csv_table(model, agate_table)) -%}
  {%- endif -%}
  {%- do adapter.truncate_relation(old_relation) -%}
  {%- do return('truncate table ' ~ old_relation.render()) -%}
{% endmacro %}

{% macro get_csv_sql(create_or_truncate_sql, insert_sql) %}
  {%- do return(adapter.dispatch('get_csv_sql', 'dbt')(create_or_truncate_sql, insert_sql)) -%}
{% endmacro %}

{% macro default__get_csv_sql(create_or_truncate_sql, insert_sql) -%}
{{ create_or_truncate_sql }};
{{ insert_sql }}
{%- endmacro %}

{% macro get_binding_char() %}
  {%- do return(adapter.dispatch('get_binding_char', 'dbt')()) -%}
{% endmacro %}

{% macro default__get_binding_char() %}
  {%- do return('%s') -%}
{% endmacro %}

{% macro get_batch_size() %}
  {%- do return(adapter.dispatch('get_batch_size', 'dbt')()) -%}
{% endmacro %}

{% macro default__get_batch_size() %}
  {%- do return(10000) -%}
{% endmacro %}

{% macro get_seed_column_quoted_csv(model, column_names) %}
  {%- set quote_columns = model['config'].get('quote_columns') -%}
  {%- set quoted = [] -%}
  {%- for name in column_names -%}
    {%- do quoted.append(adapter.quote_seed_column(name, quote_columns)) -%}
  {%- endfor -%}
  {%- do return(quoted | join(', ')) -%}
{% endmacro %}

{% macro load_csv_rows(model, agate_table) %}
  {%- do return(adapter.dispatch('load_csv_rows', 'dbt')(model, agate_table)) -%}
{% endmacro %}

{#- Inserts the cells as text, some rows a statement; the table's types make of them what they are. -#}
{% macro default__load_csv_rows(model, agate_table) %}
  {%- set columns = get_seed_column_quoted_csv(model, agate_table.column_names) -%}
  {%- set statements = [] -%}
  {%- for rows in agate_table.rows | batch(get_batch_size()) -%}
    {%- set insert_sql -%}
insert into {{ this.render() }} ({{ columns }}) values
{% for row in rows -%}
({% for cell in row %}{{ 'null' if cell is none else "'" ~ cell | replace("'", "''") ~ "'" }}{% if not loop.last %}, {% endif %}{% endfor %}){% if not loop.last %},{% endif %}
{% endfor %}
    {%- endset -%}
    {%- call statement('_') -%}{{ insert_sql }}{%- endcall -%}
    {%- do statements.append(insert_sql) -%}
  {%- endfor -%}
  {%- do return(statements[0]) -%}
{% endmacro %}
