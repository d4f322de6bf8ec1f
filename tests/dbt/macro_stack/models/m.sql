{{ config(materialized='table') }}
select
  '{{ context_macro_stack.depth }} {{ context_macro_stack.call_stack }}' as at_top,
  '{{ outer() }}' as nested,
  '{{ dispatched() }}' as dispatched,
  '{% call block() %}{{ inner() }}{% endcall %}' as in_block,
  '{{ changed() }}' as changed,
  '{{ pushed() }}' as pushed,
  '{{ 'context_macro_stack' in context }} {{ context is defined }} {{ context.get("no such") }} {{ "outer" in context }}' as of_context,
  '{{ context["outer"]() }} {{ context.shop.outer() }}' as by_context
