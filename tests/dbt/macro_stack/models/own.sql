{{ config(materialized='kept') }} select 1 as id
