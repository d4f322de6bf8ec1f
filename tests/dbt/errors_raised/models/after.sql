select * from {{ ref('raises') }}
