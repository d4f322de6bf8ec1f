-- Names and types of columns, in order. rows (relation, or query in brackets).
select column_name, column_type
from (describe select * from {{ rows }} as data)
