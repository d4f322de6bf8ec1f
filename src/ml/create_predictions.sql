-- Replaces the table of predictions by an empty one. schema, output: where; input, kept: the table and those of its columns that are copied; columns: name and type of the predictions.
create schema if not exists {{ schema | ident }};
create or replace table {{ output }} as
select
    {% for name in kept %}{{ name | ident }}, {% endfor %}
    {% for name, type in columns %}cast(null as {{ type }}) as {{ name | ident }}{{ ", " if not loop.last }}{% endfor %}
from {{ input }}
limit 0
