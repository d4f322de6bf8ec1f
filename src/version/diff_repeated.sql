-- Returns a row when columns do not tell rows apart. rows (query in brackets); key (columns).
select 1 as repeated
from {{ rows }} as data
group by {% for name in key %}{{ name | ident }}{{ ", " if not loop.last }}{% endfor %}
having count(*) > 1
limit 1
