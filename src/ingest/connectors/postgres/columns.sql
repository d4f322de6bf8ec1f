-- Returns the columns of a table or view of PostgreSQL with their types, in order; none when there is no such table. $1 its quoted name.
select
    a.attname::text as name,
    format_type(
        case when t.typtype = 'd' then t.typbasetype else a.atttypid end,
        case when t.typtype = 'd' then t.typtypmod else a.atttypmod end
    ) as type
from pg_attribute as a
join pg_type as t on t.oid = a.atttypid
where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped
order by a.attnum
