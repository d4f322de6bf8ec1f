-- Returns how many staged rows of each file cannot be loaded, and the first of them.
select
    _wh_position,
    count(*) as n_rejects,
    min(_wh_line) as line,
    arg_min({{ reason }}, _wh_line) as reason
from {{ stage }}
where {{ reason }} is not null
group by _wh_position
order by _wh_position
