select 1 as id, 'apple' as name union all select 2, 'pear' union all select 3, 'plum'
