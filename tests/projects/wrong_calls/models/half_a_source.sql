select * from {{ source('shop') }}
