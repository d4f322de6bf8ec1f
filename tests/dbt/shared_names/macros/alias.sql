{% macro generate_alias_name(custom_alias_name, node) -%}
  {{ node.name }}_{{ node.resource_type }}
{%- endmacro %}
{% macro beside() %}{% endmacro %}
{% macro within() %}{% endmacro %}
{% macro both() %}{% endmacro %}
