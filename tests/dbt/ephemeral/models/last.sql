select a.id as a, b.id as b from {{ ref('e1') }} as a, {{ ref('e2') }} as b
