-- Columns of a query and their types. `query`: as SQL.
describe (
{{ query }}
)
