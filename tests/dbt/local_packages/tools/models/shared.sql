select 'theirs' as whose
