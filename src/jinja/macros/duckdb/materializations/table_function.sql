{#- A function that gives a table: a view with parameters. -#}

{% materialization table_function, adapter='duckdb' %}
  {%- set target_relation = this.incorporate(type='view') -%}
  {%- set parameters = config.get('parameters') or [] -%}
  {{- run_hooks(pre_hooks, inside_transaction=false) -}}
  {{- run_hooks(pre_hooks, inside_transaction=true) -}}
  {%- call statement('main') -%}
create or replace function {{ target_relation.render() }}(
  {{- parameters if parameters is string or parameters is number else parameters | join(', ') -}}
) as table (
{{ sql }}
)
  {%- endcall -%}
  {{- run_hooks(post_hooks, inside_transaction=true) -}}
  {%- do persist_docs(target_relation, model) -%}
  {%- do adapter.commit() -%}
  {{- run_hooks(post_hooks, inside_transaction=false) -}}
  {%- do return({'relations': [target_relation]}) -%}
{% endmaterialization %}
