{% macro outer() %}{{ inner() }}{% endmacro %}
{% macro inner() %}{{ return(context_macro_stack.call_stack | join(' > ') ~ ' at ' ~ context_macro_stack.depth) }}{% endmacro %}
{% macro dispatched() %}{{ return(adapter.dispatch('dispatched')()) }}{% endmacro %}
{% macro default__dispatched() %}{{ return(context['context_macro_stack'].call_stack | join(' > ')) }}{% endmacro %}
{% macro block() %}{{ caller() }}{% endmacro %}
{% macro changed() %}
  {%- set stack = context_macro_stack.call_stack -%}
  {%- set kept = stack.copy() -%}
  {%- do stack.clear() -%}
  {%- do stack.extend(['macro.a', 'macro.b']) -%}
  {%- set seen = inner() -%}
  {%- do stack.clear() -%}
  {%- do stack.extend(kept) -%}
  {{ return(seen) }}
{% endmacro %}
{% macro pushed() %}
  {%- do context_macro_stack.push('macro.x') -%}
  {%- set seen = inner() -%}
  {%- do context_macro_stack.pop('macro.x') -%}
  {{ return(seen ~ ' then ' ~ context_macro_stack.depth) }}
{% endmacro %}
{% test listed(model, column_name) %}
  select 1 as one where '{{ context_macro_stack.call_stack | join(' > ') }}' <> 'macro.shop.test_listed' or {{ context_macro_stack.depth }} <> 1
{% endtest %}
{% materialization kept, default %}
  {%- set target = this.incorporate(type='table') -%}
  {%- do drop_relation_if_exists(load_cached_relation(this)) -%}
  {%- call statement('main') -%}
    create table {{ target }} as
    select '{{ context_macro_stack.call_stack | join(' > ') }}' as around, '{{ inner() }}' as within
  {%- endcall -%}
  {%- do adapter.commit() -%}
  {{ return({'relations': [target]}) }}
{% endmaterialization %}
