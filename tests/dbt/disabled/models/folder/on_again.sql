{{ config(enabled=true) }} select 1 as id
