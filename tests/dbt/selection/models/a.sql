{{ config(tags=['t1']) }}
select * from {{ source('raw', 't1') }}, {{ ref('s') }}
