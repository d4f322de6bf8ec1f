{#- Seeds on DuckDB: its own reader of CSV fills the table, unless `fast: false` is configured. -#}

{% macro duckdb__get_binding_char() %}
  {%- do return(adapter.get_binding_char()) -%}
{% endmacro %}

{% macro duckdb__get_batch_size() %}
  {%- do return(10000) -%}
{% endmacro %}

{% macro duckdb__load_csv_rows(model, agate_table) %}
  {%- if not config.get('fast', true) -%}
    {%- do return(default__load_csv_rows(model, agate_table)) -%}
  {%- endif -%}
  {%- set path = adapter.get_seed_file_path(model) -%}
  {%- set copy_sql -%}
copy {{ this.render() }} from '{{ path | replace("'", "''") }}' (format csv, header true, delimiter '{{ config.get('delimiter', ',') }}')
  {%- endset -%}
  {%- call statement('_') -%}{{ copy_sql }}{%- endcall -%}
  {%- do return(copy_sql) -%}
{% endmacro %}
