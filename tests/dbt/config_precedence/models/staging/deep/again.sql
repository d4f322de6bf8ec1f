{{ config(alias='from_file', schema=none) }}
select 3 as id
