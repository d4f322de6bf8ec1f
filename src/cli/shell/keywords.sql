-- Lists the words of the SQL dialect for completion, and whether each can be no name. No parameters.
select keyword_name as word, keyword_category = 'reserved' as is_reserved
from duckdb_keywords()
union all
select distinct function_name, false
from duckdb_functions()
where regexp_full_match(function_name, '[a-z_][a-z0-9_]*')
order by word
