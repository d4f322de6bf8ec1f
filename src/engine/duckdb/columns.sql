-- Lists the columns of a relation with their SQL types, in order. relation: quoted.
describe select * from {{ relation }}
