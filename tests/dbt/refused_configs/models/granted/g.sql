{{ config(grants={'+to_read': ['b']}) }}
{{ config(grants={'+to_read': 'c'}) }}
select 1 as id
