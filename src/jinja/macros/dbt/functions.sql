{#- Functions that a project defines. DuckDB has no `create function … returns`: a project gives it `duckdb__scalar_function_sql`. -#}

{% materialization function, default, supported_languages=['sql', 'python', 'javascript'] %}
  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='function') -%}
  {{- run_hooks(pre_hooks) -}}
  {%- set macro_name = model.config.type ~ '_function_' ~ model.language -%}
  {%- set build_sql = adapter.dispatch(macro_name, 'dbt')(target_relation) -%}
  {{- function_execute_build_sql(build_sql, existing_relation, target_relation) -}}
  {{- run_hooks(post_hooks) -}}
  {%- do return({'relations': [target_relation]}) -%}
{% endmaterialization %}

{% macro function_execute_build_sql(build_sql, existing_relation, target_relation) %}
  {%- do return(adapter.dispatch('function_execute_build_sql', 'dbt')(build_sql, existing_relation, target_relation)) -%}
{% endmacro %}

{% macro default__function_execute_build_sql(build_sql, existing_relation, target_relation) %}
  {%- call statement(name='main') -%}{{ build_sql }}{%- endcall -%}
  {%- do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(existing_relation, full_refresh_mode=true)) -%}
  {%- do persist_docs(target_relation, model) -%}
  {%- do adapter.commit() -%}
{% endmacro %}

{% macro scalar_function_sql(target_relation) %}
  {%- do return(adapter.dispatch('scalar_function_sql', 'dbt')(target_relation)) -%}
{% endmacro %}

{% macro default__scalar_function_sql(target_relation) %}
{{ scalar_function_create_replace_signature_sql(target_relation) }}
{{ scalar_function_body_sql() }};
{% endmacro %}

{% macro scalar_function_create_replace_signature_sql(target_relation) %}
  {%- do return(adapter.dispatch('scalar_function_create_replace_signature_sql', 'dbt')(target_relation)) -%}
{% endmacro %}

{% macro default__scalar_function_create_replace_signature_sql(target_relation) %}
CREATE OR REPLACE FUNCTION {{ target_relation.render() }} (
{{ formatted_scalar_function_args_sql() }}
)
RETURNS {{ model.returns.data_type }}
{{ scalar_function_volatility_sql() }}
AS
{% endmacro %}

{% macro formatted_scalar_function_args_sql() %}
  {%- do return(adapter.dispatch('formatted_scalar_function_args_sql', 'dbt')()) -%}
{% endmacro %}

{% macro default__formatted_scalar_function_args_sql() -%}
  {%- for argument in model.arguments -%}
{{ argument.name }} {{ argument.data_type }}{% if not loop.last %}, {% endif %}
  {%- endfor -%}
{%- endmacro %}

{% macro formatted_scalar_function_args_javascript() %}
  {%- do return(adapter.dispatch('formatted_scalar_function_args_javascript', 'dbt')()) -%}
{% endmacro %}

{% macro default__formatted_scalar_function_args_javascript() %}
  {%- do exceptions.raise_compiler_error('functions in JavaScript are not there for ' ~ adapter.type()) -%}
{% endmacro %}

{% macro scalar_function_body_sql() %}
  {%- do return(adapter.dispatch('scalar_function_body_sql', 'dbt')()) -%}
{% endmacro %}

{% macro default__scalar_function_body_sql() %}
$$
{{ model.compiled_code }}
$$ LANGUAGE SQL
{%- endmacro %}

{% macro scalar_function_volatility_sql() %}
  {%- do return(adapter.dispatch('scalar_function_volatility_sql', 'dbt')()) -%}
{% endmacro %}

{% macro default__scalar_function_volatility_sql() %}
  {%- set volatility = model.config.get('volatility') -%}
  {%- set words = {'deterministic': 'IMMUTABLE', 'stable': 'STABLE', 'non-deterministic': 'VOLATILE'} -%}
  {%- if volatility in words -%}
{{ words[volatility] }}
  {%- elif volatility is not none -%}
    {%- do unsupported_volatility_warning(volatility) -%}
  {%- endif -%}
{% endmacro %}

{% macro scalar_function_volatility_javascript() %}
  {%- do return(adapter.dispatch('scalar_function_volatility_javascript', 'dbt')()) -%}
{% endmacro %}

{% macro default__scalar_function_volatility_javascript() %}
  {%- if model.config.get('volatility') is not none -%}
    {%- do exceptions.warn('`volatility` of a function in JavaScript is left out: ' ~ adapter.type() ~ ' has none') -%}
  {%- endif -%}
{% endmacro %}

{% macro unsupported_volatility_warning(volatility) %}
  {%- do return(adapter.dispatch('unsupported_volatility_warning', 'dbt')(volatility)) -%}
{% endmacro %}

{% macro default__unsupported_volatility_warning(volatility) %}
  {%- do exceptions.warn('`volatility: ' ~ volatility ~ '` of function `' ~ model.name ~ '` is left out: ' ~ adapter.type() ~ ' does not know it') -%}
{% endmacro %}

{% macro get_aggregate_function_create_replace_signature(target_relation) %}
  {%- do return(adapter.dispatch('get_aggregate_function_create_replace_signature', 'dbt')(target_relation)) -%}
{% endmacro %}

{% macro default__get_aggregate_function_create_replace_signature(target_relation) %}
CREATE OR REPLACE AGGREGATE FUNCTION {{ target_relation.render() }} (
{{ get_formatted_aggregate_function_args() }}
)
RETURNS {{ model.returns.data_type }}
{{ get_function_language_specifier() }}
{{ get_aggregate_function_volatility_specifier() }}
{%- if model.get('language') == 'python' %}
{{ get_function_python_options() }}
{%- endif %}
AS
{% endmacro %}

{% macro get_formatted_aggregate_function_args() %}
  {%- do return(adapter.dispatch('get_formatted_aggregate_function_args', 'dbt')()) -%}
{% endmacro %}

{% macro default__get_formatted_aggregate_function_args() %}
{{- formatted_scalar_function_args_sql() -}}
{% endmacro %}

{% macro get_function_language_specifier() %}
  {%- do return(adapter.dispatch('get_function_language_specifier', 'dbt')()) -%}
{% endmacro %}

{% macro default__get_function_language_specifier() %}
  {%- set language = model.get('language') -%}
  {%- if language != 'sql' -%}
LANGUAGE {{ {'javascript': 'js'}.get(language, language | upper) }}
  {%- endif -%}
{% endmacro %}

{% macro get_aggregate_function_volatility_specifier() %}
  {%- do return(adapter.dispatch('get_aggregate_function_volatility_specifier', 'dbt')()) -%}
{% endmacro %}

{% macro default__get_aggregate_function_volatility_specifier() %}
{{- scalar_function_volatility_sql() -}}
{% endmacro %}

{% macro get_function_python_options() %}
  {%- do return(adapter.dispatch('get_function_python_options', 'dbt')()) -%}
{% endmacro %}

{% macro default__get_function_python_options() %}
RUNTIME_VERSION = '{{ model.config.get('runtime_version') }}'
HANDLER = '{{ model.config.get('entry_point') }}'
  {%- set packages = model.config.get('packages', []) -%}
  {%- if packages %}
PACKAGES = ('{{ packages | join("','") }}')
  {%- endif %}
{% endmacro %}
