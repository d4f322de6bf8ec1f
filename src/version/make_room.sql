-- Makes room for a table. schema; relation; kind (what stands there: table, view, or none).
create schema if not exists {{ schema | ident }};
{% if kind is not none %}drop {{ kind }} {{ relation }}{% endif %}
