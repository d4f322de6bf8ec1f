{% macro star_of(r) %}{% for c in adapter.get_columns_in_relation(r) if c.name not in ['id'] %}{{ c.quoted }}{{ ', ' if not loop.last }}{% endfor %}{% endmacro %}
