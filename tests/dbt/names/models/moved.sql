{{ config(schema='mart', database='there', alias='Moved_It', materialized='table') }}
select * from {{ ref('Lower_Case') }}
