{{ config(tags=['alone'], severity='warn') }}
select * from {{ ref('a') }} where id is null
