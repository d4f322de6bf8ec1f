-- What was loaded from files, by source table.
select
    source, table_name, count(*) as files, sum(rows)::bigint as rows, sum(rejected)::bigint as rejected,
    sum(size_bytes)::bigint as size_bytes, max(epoch_us(loaded_at)) as loaded_at
from wh.ingested_files
where active
group by source, table_name
