{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if custom_schema_name is none -%}{{ target.schema }}
    {%- elif node.resource_type == 'seed' -%}seed_{{ custom_schema_name | trim }}
    {%- else -%}{{ custom_schema_name | trim }}{%- endif -%}
{%- endmacro %}
{% macro generate_database_name(custom_database_name=none, node=none) -%}
    {% if custom_database_name == 'there' %}elsewhere{% else %}{{ target.database }}{% endif %}
{%- endmacro %}
{% macro generate_alias_name(custom_alias_name, node) -%}
    {{ (custom_alias_name or node.name) | lower if not node.config.get('meta', {}).get('keep') else custom_alias_name }}
{%- endmacro %}
