-- Counts the missing values of each column, in one scan. name: the relation as text; relation: quoted; columns: names.
insert into quality_completeness
with counted as (
    select
        count(*) as n_rows,
        [{% for column in columns %}count({{ column | ident }}){% if not loop.last %}, {% endif %}{% endfor %}] as n_known
    from {{ relation }}
),
named as (
    select unnest([{% for column in columns %}{{ column | literal }}{% if not loop.last %}, {% endif %}{% endfor %}]) as column_name
),
numbered as (
    select column_name, row_number() over () as position
    from named
)
select {{ name | literal }}, numbered.position, numbered.column_name, counted.n_rows, counted.n_rows - counted.n_known[numbered.position]
from numbered
cross join counted
