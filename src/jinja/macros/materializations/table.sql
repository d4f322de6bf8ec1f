{#- A table, replaced as a whole. -#}

{% materialization table, default %}
  {%- set target_relation = this.incorporate(type='table') -%}
  {{- run_hooks(pre_hooks, inside_transaction=false) -}}
  {{- run_hooks(pre_hooks) -}}
  {{- drop_other_type(target_relation) -}}
  {%- call statement('main') -%}
    {{- get_create_table_as_sql(false, target_relation, sql) -}}
  {%- endcall -%}
  {{- run_hooks(post_hooks) -}}
  {%- do adapter.commit() -%}
  {{- run_hooks(post_hooks, inside_transaction=false) -}}
  {%- do return({'relations': [target_relation]}) -%}
{% endmaterialization %}
