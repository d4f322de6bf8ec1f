-- Returns when the last good attempt for a source table began, or no row. $1 source, $2 table.
select started_at
from wh.ingestions
where source = $1 and table_name = $2 and status = 'success'
order by started_at desc
limit 1
