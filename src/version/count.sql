-- Counts rows and, about, distinct values. table; value (expression).
select count(*) as n_rows, approx_count_distinct({{ value }}) as n_values
from {{ table }}
