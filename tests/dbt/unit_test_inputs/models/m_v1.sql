select id, 'one' as v from {{ ref('fruit') }}
