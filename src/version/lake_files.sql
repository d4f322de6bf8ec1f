-- Returns the files of the lake whose content was loaded: path, SHA-256, size in bytes.
select distinct path, sha256, size_bytes
from wh.ingested_files
order by path, sha256
