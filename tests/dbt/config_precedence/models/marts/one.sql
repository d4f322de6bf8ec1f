select * from {{ ref('in_file') }}
