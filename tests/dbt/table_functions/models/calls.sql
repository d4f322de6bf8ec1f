-- depends_on: {{ ref('nothing_needed') }}
select * from {{ ref('nothing_needed') }}()
