-- Adds a column, NULL in all rows there are.
alter table {{ table }} add column {{ column | ident }} {{ type }}
