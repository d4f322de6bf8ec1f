select id, 'two' as v from {{ ref('fruit') }}
