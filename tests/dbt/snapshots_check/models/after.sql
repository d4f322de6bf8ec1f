select count(*) as n from {{ ref('every_column') }}
