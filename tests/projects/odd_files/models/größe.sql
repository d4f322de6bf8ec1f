select 1 as "ü"
