-- Rows that could not be loaded, by source table.
select source, table_name, sum(rejected)::bigint as rejected, sum(rows)::bigint as loaded, count(*) as files
from wh.ingested_files
where active
group by source, table_name
having sum(rejected) > 0
order by rejected desc, source, table_name
