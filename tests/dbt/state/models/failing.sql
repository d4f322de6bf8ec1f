select 1 / 'x' as fine
