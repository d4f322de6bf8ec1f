-- Gives a version a name. $1 tag, $2 version.
insert or replace into wh.data_tags (tag, version)
values ($1, $2)
