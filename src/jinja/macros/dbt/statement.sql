{#- Running SQL from templates: `{% call statement('name') %}…{% endcall %}` and `run_query(sql)`. -#}

{% macro statement(name=none, fetch_result=false, auto_begin=true, language='sql') %}
  {%- if execute -%}
    {%- set answer = adapter.execute(caller(), auto_begin=auto_begin, fetch=fetch_result) -%}
    {%- if name is not none -%}
      {%- do store_result(name, response=answer[0], agate_table=answer[1]) -%}
    {%- endif -%}
  {%- endif -%}
{% endmacro %}

{% macro run_query(sql) %}
  {%- if execute -%}
    {%- do return(adapter.execute(sql, fetch=true)[1]) -%}
  {%- endif -%}
  {%- do return(none) -%}
{% endmacro %}
