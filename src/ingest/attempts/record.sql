-- Records an attempt. $1 source, $2 table, $3 run id, $4 started, $5 ended (UTC, µs), $6 success, kept or error,
-- $7 rows, $8 rejected, $9 files, $10 bytes, $11 requests or connections it took, $12 error, $13 cursor before, $14 after.
insert into wh.ingestions (
    source, table_name, run_id, started_at, ended_at, status, rows, rejected, files, bytes, attempts, error, cursor_before, cursor_after
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
