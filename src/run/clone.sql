{#- What a view on a relation of another environment selects: all of `relation`. -#}
select * from {{ relation }}
