select * from {{ ref('ok') }} as a join {{ ref('broken') }} as b using (id)
