select * from {{ ref('open') }}
