-- What dbt's tests ask: how many rows a query has, and whether that is worth a warning or an error. sql: the query.
select
    count(*) as failures,
    count(*) != 0 as should_warn,
    count(*) != 0 as should_error
from (
    {{ sql }}
) dbt_internal_test
