-- depends_on: {{ ref('good') }}
select * from {{ ref('e') }} union all select id from {{ source('raw', 'good') }}
