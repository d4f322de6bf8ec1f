-- Names what is profiled, and the class of each row. from: a relation, quoted; by: a column, or none.
create or replace temp view profile_data as
select
    *,
    {% if by %}coalesce({{ by | ident }}::varchar, '(missing)'){% else %}'all'{% endif %} as _wh_split
from {{ from }};

create or replace temp table profile_splits as
select _wh_split as split, count(*) as n_rows
from profile_data
group by _wh_split
order by split
limit {{ limit }}
