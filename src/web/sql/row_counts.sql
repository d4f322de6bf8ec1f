-- The last row counts of every relation, oldest first. $1 counts a relation at most.
select relation, n_rows, epoch_us(counted_at) as at
from (
    select
        relation, n_rows, counted_at,
        row_number() over (partition by relation order by counted_at desc, run_id desc) as place
    from wh.row_counts
)
where place <= $1
order by relation, counted_at
