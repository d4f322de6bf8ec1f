-- Lists the columns that a query answers with: name, SQL type. query: the query's text.
describe {{ query }}
