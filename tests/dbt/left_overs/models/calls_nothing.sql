select 1 as id {{ dbt.no_such_macro('x') }}
