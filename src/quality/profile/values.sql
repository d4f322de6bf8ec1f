-- Counts the most frequent values of each column by class. columns: names, maybe none.
create or replace temp table profile_values (column_name varchar, value varchar, split varchar, n bigint, n_value bigint, rank bigint);
{% for column in columns -%}
insert into profile_values
with counted as (
    select {{ column | ident }}::varchar as value, _wh_split as split, count(*) as n
    from profile_data
    where {{ column | ident }} is not null
    group by all
),
ranked as (
    select value, sum(n)::bigint as n_value, row_number() over (order by sum(n) desc, value) as rank
    from counted
    group by value
)
select {{ column | literal }}, counted.value, counted.split, counted.n, ranked.n_value, ranked.rank
from counted
join ranked on counted.value = ranked.value
where ranked.rank <= 10;
{% endfor %}
