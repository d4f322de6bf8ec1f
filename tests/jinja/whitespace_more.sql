{%- for x in [1, 2] -%}
    {{ x }}
{%- if not loop.last -%} , {%- endif %}
{% endfor -%}
{#- c -#}

end
  {%- set a = 1 %}
  {{- a -}}
   b
{{ a }}   
	{{ a }}	
{% raw -%}  keep  {%- endraw %}|
