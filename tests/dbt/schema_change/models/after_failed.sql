select * from {{ ref('failed') }}
