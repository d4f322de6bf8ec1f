with
-- a comment with select
mine as (select * from {{ ref('e2') }})
select * from mine, {{ ref('e1') }} as x
