{{ config(tags=env_var('SHOP_TAG', 'none')) }}
select 1 as id
