-- Returns what the rows of a table of PostgreSQL add up to that have the cursor's greatest value, or none.
select count(*)::text || ':' || coalesce(sum(hashtextextended(wh::text, 0)::numeric), 0)::text as boundary
from {{ table }} as wh
where wh.{{ field | ident }} = {{ value | literal }} or wh.{{ field | ident }} is null
