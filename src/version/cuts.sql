-- Returns the values, in order and as text, at which a table is cut: one in so many, chosen by their hash. table; value (expression); one_in.
select cast(value as varchar) as cut
from (select distinct value from (select {{ value }} as value from {{ table }}) where hash(value) % {{ one_in }} = 0) as cuts
where value is not null
order by value
