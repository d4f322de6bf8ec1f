-- Returns the greatest value of the cursor in a table of SQLite.
select max({{ field | ident }}) from {{ table }}
