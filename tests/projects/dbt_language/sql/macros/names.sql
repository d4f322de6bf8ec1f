{% macro generate_schema_name(custom_schema_name, node) -%}
  {{ 'dev_' ~ custom_schema_name if custom_schema_name else target.schema }}
{%- endmacro %}

{% macro last_word(words) -%}
  {% for word in words %}{% if loop.last %}{{ return(word) }}{% endif %}{% endfor %}
{%- endmacro %}

{% test at_most(model, column_name, length) %}
select {{ column_name }} from {{ model }} where length({{ column_name }}) > {{ length }}
{% endtest %}

{% materialization twice, default %}
  {%- set target_relation = this.incorporate(type='table') -%}
  {% call statement('main') -%}
    create or replace table {{ target_relation }} as select * from ({{ sql }}) union all select * from ({{ sql }})
  {%- endcall %}
  {%- do adapter.commit() -%}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
