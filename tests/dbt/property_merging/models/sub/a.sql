{{ config(tags='f', meta={'file': 1, 'team': 'mine'}) }}
select 1 as id, 2 as other
