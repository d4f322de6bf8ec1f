{#- A view, replaced. -#}

{% materialization view, default %}
  {%- set target_relation = this.incorporate(type='view') -%}
  {{- run_hooks(pre_hooks, inside_transaction=false) -}}
  {{- run_hooks(pre_hooks) -}}
  {{- drop_other_type(target_relation) -}}
  {%- call statement('main') -%}
    {{- get_create_view_as_sql(target_relation, sql) -}}
  {%- endcall -%}
  {{- run_hooks(post_hooks) -}}
  {%- do adapter.commit() -%}
  {{- run_hooks(post_hooks, inside_transaction=false) -}}
  {%- do return({'relations': [target_relation]}) -%}
{% endmaterialization %}
