-- Records a version of a feature view. $1 name, $2 version, $3 description, $4 owner, $5 tags (JSON list), $6 entity (JSON list), $7 timestamp's column, $8 its type, $9 column of ties or null, $10 ttl in seconds or null, $11 whether online, $12 source, $13 relation, $14 hash, $15 registered, $16 built (UTC), $17 rows, $18 newest time (UTC) or null.
insert into wh.feature_views (
    name, version, description, owner, tags, entity, timestamp_column, timestamp_type, created_column, ttl_seconds,
    online, source, relation, definition_hash, registered_at, built_at, n_rows, newest_at
)
values (
    $1, $2, $3, $4, cast(cast($5 as json) as varchar[]), cast(cast($6 as json) as varchar[]), $7, $8, $9, $10,
    $11, $12, $13, $14, $15, $16, $17, $18
)
