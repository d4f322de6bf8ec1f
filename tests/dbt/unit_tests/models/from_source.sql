select name, count(*) as n from {{ source('raw', 'visits') }} group by name
