select 'enabled' as x
