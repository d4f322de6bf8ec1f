-- What dbt's test selects: the rows without a value. relation; column; selected: the column, or all.
select {{ selected }}
from {{ relation }}
where {{ column }} is null
