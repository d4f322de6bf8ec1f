select 'mine' as whose
