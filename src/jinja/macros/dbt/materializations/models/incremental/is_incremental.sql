{#- Whether a model is only to make its new rows: its table is there, and no full refresh is asked for. -#}
{% macro is_incremental() %}
  {%- if not execute -%}
    {%- do return(false) -%}
  {%- endif -%}
  {%- set existing = load_cached_relation(this) -%}
  {%- do return(
    existing is not none
    and existing.type == 'table'
    and model.config.materialized == 'incremental'
    and not should_full_refresh()
  ) -%}
{% endmacro %}
