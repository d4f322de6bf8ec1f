-- Inserts all rows of a Rust scan. table: a relation; columns: quoted names in the scan's order; id: the scan's number.
insert into {{ table }} ({{ columns }}) select {{ columns }} from wh_scan({{ id }}::ubigint)
