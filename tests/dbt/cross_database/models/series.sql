select * from ({{ dbt.generate_series(5) }}) as s
