-- Puts the rows of a training set in an order that is always the same. query: its SQL.
select *
from (
{{ query }}
)
order by all
