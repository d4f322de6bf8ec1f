-- Columns of a relation and their types. `relation`: as SQL.
describe select * from {{ relation }}
