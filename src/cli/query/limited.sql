-- Keeps the first rows of a query. query: the query's text; limit: how many rows.
select *
from (
{{ query }}
)
limit {{ limit }}
