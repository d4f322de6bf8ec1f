-- Returns the greatest value of the cursor in a table of PostgreSQL, from its last one on.
select max({{ field | ident }})::text as greatest
from {{ table }}
{%- if since %} where {{ field | ident }} >= {{ since | literal }}{% endif %}
