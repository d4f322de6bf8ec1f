{{ config(materialized='ephemeral') }}
select code, name from {{ ref('countries') }} where people is not null
