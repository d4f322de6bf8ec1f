-- Records the tables of a version. $1 number, $2 tables (JSON array of manifests).
insert into wh.data_version_tables (version, relation, schema_hash, hash, n_rows, n_bytes, manifest)
select
    $1,
    concat(item ->> '$.schema', '.', item ->> '$.name'),
    item ->> '$.schema_hash',
    item ->> '$.hash',
    cast(item ->> '$.n_rows' as bigint),
    cast(item ->> '$.n_bytes' as bigint),
    item
from (select unnest(cast(cast($2 as json) as json[])) as item)
