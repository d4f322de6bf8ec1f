{{ config(materialized='table', quoting={'identifier': true, 'schema': true}) }} select * from {{ ref('lower') }}
