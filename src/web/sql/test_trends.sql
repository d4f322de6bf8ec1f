-- The last results of every test, oldest first. $1 results a test at most.
select test_id, status, epoch_us(started_at) as at
from (
    select
        test_id, status, started_at,
        row_number() over (partition by test_id order by started_at desc, run_id desc) as place
    from wh.test_results
)
where place <= $1
order by test_id, started_at
