-- Makes the temporary tables of a report of quality: the history of the selected tests, each one's last result, and the issues.
create or replace temp table quality_history as
select results.*, results.status in ('warn', 'fail', 'error') as is_found
from wh.test_results as results
semi join quality_selected as selected on results.test_id = selected.test_id
where results.status != 'skipped';

create or replace temp table quality_checks as
select *
from quality_history
qualify row_number() over (partition by test_id order by started_at desc, run_id desc) = 1;

create or replace temp table quality_issues as
with last_good as (
    select test_id, max(started_at) as good_at
    from quality_history
    where not is_found
    group by test_id
),
since as (
    select history.test_id, min(history.started_at) as since
    from quality_history as history
    left join last_good on history.test_id = last_good.test_id
    where history.is_found and (last_good.good_at is null or history.started_at > last_good.good_at)
    group by history.test_id
),
found as (
    select
        checks.test_id,
        checks.relation,
        checks.column_name,
        checks.check_name,
        checks.test_name,
        checks.kind,
        checks.description,
        checks.status,
        checks.n_failures,
        -- A share only where what a check finds are rows of the table.
        case
            when checks.n_rows > 0
                and checks.kind in ('missing values', 'types', 'formats', 'ranges', 'consistency', 'referential integrity', 'other')
                and checks.check_name not similar to '(.*[.])?(expect_column_mean_to_be_between|expect_column_values_to_be_of_type|at_least_one)'
                then checks.n_failures / checks.n_rows
        end as share,
        checks.n_rows,
        since.since,
        coalesce(checks.action, case checks.status
            when 'warn' then 'kept and flagged'
            when 'fail' then 'stopped: what reads the table was not built'
            else 'the check could not be run'
        end) as action,
        checks.sample,
        checks.message,
        checks.file
    from quality_checks as checks
    left join since on checks.test_id = since.test_id
    where checks.is_found
),
rejected as (
    select
        'rejects.' || rejects.relation as test_id,
        rejects.relation,
        'rejected_records' as check_name,
        'Records of ' || rejects.relation || ' that cannot be loaded' as test_name,
        'rejected records' as kind,
        'warn' as status,
        sum(rejects.n_records)::bigint as n_failures,
        'set aside in ' || rejects.relation || '_rejects, each with its reason' as action
    from quality_rejects as rejects
    group by rejects.relation
)
select row_number() over (
    order by status = 'warn', kind = 'rejected records', n_failures desc nulls last, test_id
) as number, *
from (
    select * from found
    union all by name
    select * from rejected
);

create or replace temp table quality_runs as
select
    run_id,
    min(started_at) as started_at,
    count(*) as n_checks,
    count(*) filter (where status = 'warn') as warned,
    count(*) filter (where status in ('fail', 'error')) as failed
from quality_history
group by run_id
