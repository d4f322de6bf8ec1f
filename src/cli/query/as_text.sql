-- Runs a query with some columns as text. query: the query's text; names: all columns; texts: those to cast.
select
{%- for name in names %}
    {{ "cast(" if name in texts }}{{ name | ident }}{{ " as varchar) as " ~ (name | ident) if name in texts }}{{ "," if not loop.last }}
{%- endfor %}
from (
{{ query }}
)
