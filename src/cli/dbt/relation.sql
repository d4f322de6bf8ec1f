-- Every row of a relation: `relation`.
select * from {{ relation }}
