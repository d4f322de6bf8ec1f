-- Records that a content was loaded. $1 source, $2 table, $3 SHA-256, $4 size in bytes, $5 origin, $6 path in the
-- lake, $7 rows, $8 rejected, $9 modified, $10 landed, $11 loaded (UTC, µs), $12 whether its rows are in the table.
insert or replace into wh.ingested_files (
    source, table_name, sha256, size_bytes, origin, path, rows, rejected, modified_at, landed_at, loaded_at, active
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
