select id, name from {{ ref('fruit') }} where price < 2
