{{ config(materialized='table_function', parameters=['n', 'm']) }}
select range * m as id from range(n)
