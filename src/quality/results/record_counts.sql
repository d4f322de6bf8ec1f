-- Records how many rows the tables of a run have. $1 run id, $2 start of the run (UTC, µs), $3 counts as a JSON object.
insert into wh.row_counts by name
select
    $1 as run_id,
    $2 as counted_at,
    counts.key as relation,
    counts.value::bigint as n_rows
from json_each($3::json) as counts
