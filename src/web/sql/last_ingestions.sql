-- The last attempts at each source table, newest first. $1 how many a table.
select
    source, table_name, run_id, epoch_us(started_at) as at, epoch_us(ended_at) - epoch_us(started_at) as elapsed, status,
    rows, rejected, files, bytes, attempts, error, cursor_before, cursor_after
from (
    select
        *, row_number() over (partition by source, table_name order by started_at desc, run_id desc) as place
    from wh.ingestions
)
where place <= $1
order by started_at desc, source, table_name
