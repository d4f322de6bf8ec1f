-- Records the results of a run's tests. $1 run id, $2 start of the run (UTC, µs), $3 results as a JSON list.
insert into wh.test_results by name
select
    $1 as run_id,
    $2 as started_at,
    result.*
from (
    select unnest(from_json($3, '[{
        "test_id": "varchar",
        "test_name": "varchar",
        "check_name": "varchar",
        "kind": "varchar",
        "relation": "varchar",
        "column_name": "varchar",
        "description": "varchar",
        "severity": "varchar",
        "status": "varchar",
        "n_failures": "bigint",
        "n_rows": "bigint",
        "sample": "varchar",
        "action": "varchar",
        "message": "varchar",
        "file": "varchar",
        "elapsed_ms": "double"
    }]')) as result
)
