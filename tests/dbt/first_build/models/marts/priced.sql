select * from {{ ref('report') }} where price is not null
