a
{%- call boxed('x') -%}
   trimmed
{%- endcall -%}
   b
{% call boxed(
  'multi'
) %}
  kept
{% endcall %}
{% call(x, y='def') each([7]) %}{{ x }}{{ y }}{% endcall %}