{{ config(materialized='ephemeral') }} select * from {{ source('of_meta', 'lengths') }}
