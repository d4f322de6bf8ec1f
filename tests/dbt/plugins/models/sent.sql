{{ config(materialized='external', plugin='other', key='value') }} select row, said from {{ ref('entries_read') }}
