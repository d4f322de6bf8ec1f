-- Returns the rows of a table of SQLite; ?1 the least value of the cursor, whose missing values always come too.
select * from {{ table }}
{%- if since %} where {{ field | ident }} >= ?1 or {{ field | ident }} is null{% endif %}
{%- if field %} order by {{ field | ident }}{% endif %}
