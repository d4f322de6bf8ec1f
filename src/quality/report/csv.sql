-- Returns the issues of a report of quality, one a row, gravest first.
select
    number,
    relation,
    column_name,
    check_name,
    kind,
    status,
    n_failures,
    n_rows,
    round(share, 6) as share,
    strftime(since::timestamp, '%Y-%m-%d %H:%M:%S') as since_utc,
    action,
    description,
    test_id,
    file,
    sample,
    message
from quality_issues
order by number
