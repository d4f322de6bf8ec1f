{{ config(alias='visits', schema=none) }}
select 'ann' as name
