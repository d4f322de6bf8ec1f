-- The first rows of a query: `sql`, and `limit`, none for all.
select * from (
{{ sql }}
) as preview{% if limit is not none %} limit {{ limit }}{% endif %}
