select * from {{ ref('broken') }}, {{ ref('ok') }}
