-- What dbt's test selects: the values that stand more than once. relation; column.
select
    {{ column }} as unique_field,
    count(*) as n_records
from {{ relation }}
where {{ column }} is not null
group by {{ column }}
having count(*) > 1
