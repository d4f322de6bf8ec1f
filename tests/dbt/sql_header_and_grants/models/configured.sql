{{ config(materialized='table', sql_header="create or replace macro plus_two(x) as x + 2;", own_key='own', meta={'a': {'b': [1]}}, docs={'node_color': 'red'}) }}
select plus_two(1) as three, '{{ config.get("own_key") }}' as own, '{{ model.config.meta.a.b[0] }}' as meta
