{{ config(materialized='external', location='out/parts', options={'partition_by': 'year', 'overwrite_or_ignore': 1}) }}
select * from {{ ref('base') }}
