select * from {{ ref('a') }}, {{ ref('d') }}, {{ ref('h') }}
