select *, {{ m() }} as m from {{ ref('b') }}
