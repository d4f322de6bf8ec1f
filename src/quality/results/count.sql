-- Counts the rows of relations. relations: (name, relation) pairs, the name as text, the relation quoted; at least one.
{% for name, relation in relations -%}
select {{ name | literal }} as relation, count(*) as n_rows from {{ relation }}
{% if not loop.last %}union all {% endif %}
{%- endfor %}
