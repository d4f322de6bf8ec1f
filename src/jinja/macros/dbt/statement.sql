{#- Running SQL from templates: `{% call statement('name') %}…{% endcall %}` and `run_query(sql)`. -#}

{% macro statement(name=none, fetch_result=false, auto_begin=true, language='sql') -%}
  {%- if execute -%}
    {%- set compiled_code = caller() -%}
    {%- if name == 'main' -%}
      {%- do write(compiled_code) -%}
    {%- endif -%}
    {%- if language == 'sql' -%}
      {%- set res, table = adapter.execute(compiled_code, auto_begin=auto_begin, fetch=fetch_result) -%}
    {%- elif language == 'python' -%}
      {%- set res = submit_python_job(model, compiled_code) -%}
      {%- set table = none -%}
    {%- else -%}
      {%- do exceptions.raise_compiler_error("a statement's language is sql or python, not " ~ language) -%}
    {%- endif -%}
    {%- if name is not none -%}
      {%- do store_result(name, response=res, agate_table=table) -%}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}

{#- Stands for a statement that is not run: keeps what it would have answered. -#}
{% macro noop_statement(name=none, message=none, code=none, rows_affected=none, res=none) -%}
  {%- set sql = caller() -%}
  {%- if name == 'main' -%}
    {%- do write(sql) -%}
  {%- endif -%}
  {%- if name is not none -%}
    {%- do store_raw_result(name, message=message, code=code, rows_affected=rows_affected, agate_table=res) -%}
  {%- endif -%}
{%- endmacro %}

{% macro run_query(sql) %}
  {%- call statement('run_query_statement', fetch_result=true, auto_begin=false) -%}
    {{ sql }}
  {%- endcall -%}
  {%- do return(load_result('run_query_statement').table) -%}
{% endmacro %}
