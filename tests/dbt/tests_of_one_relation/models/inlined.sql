{{ config(materialized='ephemeral') }}
select * from {{ ref('clean') }}
