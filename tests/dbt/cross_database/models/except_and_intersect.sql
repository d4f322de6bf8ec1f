(select 1 as x union all select 2) {{ except() }} select 2
