select * from {{ ref('half') }}
