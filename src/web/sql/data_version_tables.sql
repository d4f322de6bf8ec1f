-- The tables of a version beside those of the one before it. $1 the version.
with
own as (select relation, hash, n_rows, n_bytes from wh.data_version_tables where version = $1),
parents as (
    select relation, hash, n_rows
    from wh.data_version_tables
    where version = (select parent from wh.data_versions where version = $1)
)
select
    coalesce(own.relation, parents.relation) as relation, own.hash, own.n_rows, own.n_bytes,
    parents.n_rows as n_rows_before,
    case
        when own.relation is null then 'removed'
        when parents.relation is null then 'new'
        when own.hash = parents.hash then 'same'
        else 'changed'
    end as change
from own
full join parents on parents.relation = own.relation
order by relation
