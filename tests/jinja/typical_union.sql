{%- set relations = [ref('a'), ref('b')] -%}
{%- for relation in relations %}
select '{{ relation }}' as source, * from {{ relation }}
{%- if not loop.last %}
union all
{%- endif -%}
{% endfor %}
