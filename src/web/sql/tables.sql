-- The tables of wh's own records.
select table_name from information_schema.tables where table_schema = 'wh'
