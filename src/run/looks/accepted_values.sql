-- What dbt's test selects: the values that are none of those accepted. relation; column; values, written in SQL.
with all_values as (
    select
        {{ column }} as value_field,
        count(*) as n_records
    from {{ relation }}
    group by {{ column }}
)
select *
from all_values
where value_field not in (
    {% for value in values %}
    {{ value }}{{ ',' if not loop.last }}
    {% endfor %}
)
