{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key=['id', 'item'],
    incremental_predicates=["DBT_INCREMENTAL_TARGET.qty < 10"]) }}
select id, item, coalesce(qty, 0) as qty, {{ 2 if is_incremental() else 1 }} as round from {{ ref('orders') }}
