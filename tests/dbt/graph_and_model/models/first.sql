{{ config(tags=['x'], meta={'k': 'v'}) }}
select 1 as id
