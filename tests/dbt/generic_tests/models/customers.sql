select 10 as id union all select 40
