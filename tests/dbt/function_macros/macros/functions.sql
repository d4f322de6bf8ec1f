{% macro duckdb__scalar_function_sql(target_relation) %}
  {% if model.name == 'plain' %}{{ return(default__scalar_function_sql(target_relation)) }}{% endif %}
  {% set names = model.arguments | map(attribute='name') | join(', ') %}
create or replace function {{ target_relation.render() }}({{ names }}) as cast({{ model.compiled_code }} as {{ model.returns.data_type }})
{% endmacro %}
