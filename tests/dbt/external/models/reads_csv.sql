select count(*) as n from {{ ref('as_csv') }}
