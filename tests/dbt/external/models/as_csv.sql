{{ config(materialized='external', location='out/as_csv.csv', delimiter='|') }}
select * from {{ ref('base') }} order by id
