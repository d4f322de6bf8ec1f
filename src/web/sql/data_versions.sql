-- The versions of the data, newest first, each with its tables, rows, files and tags.
select
    v.version, v.hash, v.parent, epoch_us(v.committed_at) as committed_at, v.source, v.git_commit, v.git_dirty,
    v.author, v.message, t.n_tables, t.n_rows, t.n_bytes, f.n_files, g.tags
from wh.data_versions as v
left join (
    select version, count(*) as n_tables, sum(n_rows)::bigint as n_rows, sum(n_bytes)::bigint as n_bytes
    from wh.data_version_tables
    group by version
) as t on t.version = v.version
left join (select version, count(*) as n_files from wh.data_version_files group by version) as f on f.version = v.version
left join (select version, string_agg(tag, ', ' order by tag) as tags from wh.data_tags group by version) as g
    on g.version = v.version
order by v.version desc
