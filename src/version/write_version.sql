-- Records a version. $1 number, $2 hash, $3 parent, $4 when (UTC, µs), $5 source, $6 git commit, $7 whether dirty, $8 author, $9 message.
insert into wh.data_versions (version, hash, parent, committed_at, source, git_commit, git_dirty, author, message)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
