select count(*) as n from {{ ref('orders') }} having n = 0
