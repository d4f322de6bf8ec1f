-- Returns all versions, oldest first; the time in µs since 1970-01-01 UTC.
select version, hash, parent, epoch_us(committed_at) as committed_at, source, git_commit, git_dirty, author, message
from wh.data_versions
order by version
