-- Replaces the table of predictions by an empty one. schema, output: where; columns: name and SQL type of each.
-- Not `as select … limit 0`: DuckDB 2.0.0 hides rows that the same transaction inserts into such a table.
create schema if not exists {{ schema | ident }};
create or replace table {{ output }} (
    {% for name, type in columns %}{{ name | ident }} {{ type }}{{ ", " if not loop.last }}{% endfor %}
)
