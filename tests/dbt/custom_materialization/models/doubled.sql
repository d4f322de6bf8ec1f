{{ config(materialized='twice', extra=5, post_hook="insert into {{ this }} values (2)") }}
select 1 as id
