select 'ÿ' as id
