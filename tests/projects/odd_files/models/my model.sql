select * from {{ ref('größe') }}, {{ ref('select') }}
