-- a comment first
select g.id from {{ ref('good') }} as g left join {{ ref('n') }} as n using (id) where n.id is null
