-- Records how far a source table has been read. $1 source, $2 table, $3 field, $4 its greatest value, $5 what the
-- rows at the boundary add up to, $6 now (UTC, µs).
insert or replace into wh.cursors (source, table_name, field, value, boundary, updated_at) values ($1, $2, $3, $4, $5, $6)
