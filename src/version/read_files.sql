-- Returns the lake's files of a version: path, SHA-256, size in bytes. $1 version.
select path, sha256, n_bytes
from wh.data_version_files
where version = $1
order by path, sha256
