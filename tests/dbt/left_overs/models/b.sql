select * from {{ source('raw', 'here') }}
