-- Counts the records that were set aside, by reason. name: the source table as text; rejects: its table of rejects, quoted.
insert into quality_rejects
select {{ name | literal }}, reason, count(*)
from {{ rejects }}
group by reason
