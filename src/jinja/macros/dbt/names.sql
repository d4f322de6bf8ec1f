{#- Where relations go. A project overrides these by macros of the same names. -#}

{% macro generate_schema_name(custom_schema_name=none, node=none) %}
  {%- if custom_schema_name is none -%}
    {{- target.schema -}}
  {%- else -%}
    {{- target.schema -}}_{{- custom_schema_name | trim -}}
  {%- endif -%}
{% endmacro %}

{% macro generate_alias_name(custom_alias_name=none, node=none) %}
  {%- if custom_alias_name -%}
    {{- custom_alias_name | trim -}}
  {%- else -%}
    {{- node.name -}}
  {%- endif -%}
{% endmacro %}

{% macro generate_database_name(custom_database_name=none, node=none) %}
  {{- custom_database_name or target.database -}}
{% endmacro %}
