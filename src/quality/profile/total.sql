-- Counts rows and repeated rows, in one scan. columns: name of each.
create or replace temp table profile_total as
select
    count(*) as n_rows,
    count(*) - count(distinct hash({% for column in columns %}{{ column.name | ident }}{% if not loop.last %}, {% endif %}{% endfor %})) as n_repeated
from profile_data
