select 'hello ' || name
