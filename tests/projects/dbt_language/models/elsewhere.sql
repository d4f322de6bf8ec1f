{{ config(schema='marts', alias='renamed', tags=['nightly']) }}
select '{{ this }}' as me, * from {{ ref('reader') }}
