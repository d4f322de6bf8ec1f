select 1 as id, 'a' as kind where false
