-- Returns the columns of categories: those in which values repeat.
select column_name
from profile_columns
where kind = 'category' and n_distinct > 0 and (n_distinct < n_rows - n_missing or n_distinct <= 10)
order by position
