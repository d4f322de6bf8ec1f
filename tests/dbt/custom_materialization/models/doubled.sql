{{ config(materialized='twice', plus=5, post_hook="insert into {{ this }} values (2)") }}
select 1 as id
