-- Returns the columns whose numbers differ, with their range. No parameters.
select column_name, low, high
from profile_columns
where kind = 'number' and low < high
order by position
