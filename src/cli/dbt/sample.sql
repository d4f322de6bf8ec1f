-- Some rows of a relation, drawn at random: `relation`.
select * from {{ relation }} using sample 10 rows
