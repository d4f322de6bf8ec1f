select * from {{ ref('b') }}, {{ ref('c') }}
