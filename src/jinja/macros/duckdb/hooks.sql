{#- Hooks outside of the transaction need no `commit` before them: DuckDB opens none by itself. -#}

{% macro run_hooks(hooks, inside_transaction=true) %}
  {%- for hook in hooks | selectattr('transaction', 'equalto', inside_transaction) -%}
    {%- set sql = render(hook.get('sql')) | trim -%}
    {%- if sql | length > 0 -%}
      {%- call statement(auto_begin=inside_transaction) -%}
{{ sql }}
      {%- endcall -%}
    {%- endif -%}
  {%- endfor -%}
{% endmacro %}
