select * from {{ ref('narrow') }}
