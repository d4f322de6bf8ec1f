select 1 as id, null as nothing union all select -5, null
