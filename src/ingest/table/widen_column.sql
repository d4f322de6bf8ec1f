-- Gives a column a type that holds all it holds now.
alter table {{ table }} alter column {{ column | ident }} type {{ type }}
