-- The latest result of every test, those that found something first.
select
    coalesce(relation, '') as relation, test_id, test_name, check_name, kind, column_name, description, severity,
    status, n_failures, n_rows, sample, action, message, file, epoch_us(started_at) as at, run_id
from (
    select *, row_number() over (partition by test_id order by started_at desc, run_id desc) as place
    from wh.test_results
)
where place = 1
order by
    relation, case status when 'error' then 0 when 'fail' then 1 when 'warn' then 2 when 'skipped' then 3 else 4 end,
    column_name nulls first, test_name
