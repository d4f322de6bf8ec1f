select * from {{ ref('as_table') }}
