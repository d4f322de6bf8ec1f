-- Returns some of the rows that a test selects. sql: its query; limit: rows at most.
select * from (
{{ sql }}
) as dbt_internal_test
limit {{ limit }}
