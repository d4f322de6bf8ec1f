select count(*) from {{ ref('a') }} having count(*) <> 2
