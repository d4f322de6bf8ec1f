-- The lake files of a version. $1 the version.
select path, sha256, n_bytes from wh.data_version_files where version = $1 order by path
