-- Judges a test. sql: its query; fail_calc: the measure; warn_if, error_if: comparisons; limit: rows looked at, or none.
select
    {{ fail_calc }} as failures,
    ({{ fail_calc }} {{ warn_if }})::integer as should_warn,
    ({{ fail_calc }} {{ error_if }})::integer as should_error
from (
{{ sql }}
{% if limit %}limit {{ limit }}{% endif %}
) as dbt_internal_test
