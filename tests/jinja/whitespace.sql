  {%- set x = 1 -%}
  a
  {%- if x %}
    b
  {% endif -%}
  c
{{- ' d ' -}}
  e
  {% if x -%}  f {%- endif %}
{%+ if x %}g{% endif +%}
  h

