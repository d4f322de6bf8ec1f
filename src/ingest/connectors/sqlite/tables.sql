-- Returns the names of all tables and views of a SQLite file.
select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite\_%' escape '\'
