{{ config(tags=['t1', 't2'], meta={'owner': 'me'}) }}
select * from {{ ref('a') }}
