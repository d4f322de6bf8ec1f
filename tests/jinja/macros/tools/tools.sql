{# Macros of a package. #}
{% macro star(columns, except=[]) -%}
  {%- set kept = [] -%}
  {%- for column in columns if column not in except -%}{%- do kept.append(column) -%}{%- endfor -%}
  {{ kept | join(', ') }}
{%- endmacro %}

{% macro override() %}tools{% endmacro %}
{% macro uses_override() %}{{ override() }}-{{ tools.override() }}-{{ dbt.override() }}{% endmacro %}

{% macro pivot_all(columns) %}
    {%- set lines = [] -%}
    {%- for column in columns -%}
        {%- set line -%}
            max({{ column }}) as {{ column }}
        {%- endset -%}
        {%- do lines.append(line) -%}
    {%- endfor -%}
    {{- return(lines | join(',\n')) -}}
{% endmacro %}
