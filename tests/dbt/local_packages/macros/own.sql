{% macro shout(text) %}{{ text | upper }}!{% endmacro %}
{% macro default__greet(name) %}own default {{ name }}{% endmacro %}
{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
    {%- if custom_alias_name %}{{ custom_alias_name | trim }}{% else %}{{ node.name }}{% endif -%}
    {{ '_of_' ~ node.package_name if node.package_name != 'shop' }}
{%- endmacro %}
