-- Makes a view on a relation of another environment: `here`, `there`; the view's `schema` and `database`, which are made; and
-- whether a table is in its place, `is_table`.
create schema if not exists {% if database %}{{ database | ident }}.{% endif %}{{ schema | ident }};
{% if is_table %}drop table {{ here }};{% endif %}
create or replace view {{ here }} as select * from {{ there }};
