select 1 as id from nowhere
