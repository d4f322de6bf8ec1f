-- The files that were loaded last. $1 how many.
select
    source, table_name, origin, path, sha256, size_bytes, rows, rejected, active, epoch_us(loaded_at) as loaded_at
from wh.ingested_files
order by wh.ingested_files.loaded_at desc, source, table_name, path
limit $1
