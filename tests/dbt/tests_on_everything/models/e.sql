{{ config(materialized='ephemeral') }}
select * from {{ ref('good') }}
