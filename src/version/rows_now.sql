{#- Rows of a table of the warehouse. table; ranges (conditions; none of them: no rows). -#}
(select * from {{ table }} where {% if ranges %}{% for range in ranges %}({{ range }}){{ " or " if not loop.last }}{% endfor %}{% else %}false{% endif %})
