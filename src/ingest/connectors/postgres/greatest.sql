-- Returns the greatest value of the cursor in a table of PostgreSQL, and how many rows are to be read.
select max({{ field | ident }})::text as greatest, count(*) as n_rows
from {{ table }}
{%- if since %} where {{ field | ident }} >= {{ since | literal }} or {{ field | ident }} is null{% endif %}
