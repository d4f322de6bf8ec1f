-- Why rows were rejected, the commonest reason first, each with an example. rejects: the table they are in.
select
    reason, count(*) as n, min(raw_text) as example, min(_wh_file) as file, min(_wh_line) as line
from {{ rejects }}
group by reason
order by n desc, reason
limit 10
