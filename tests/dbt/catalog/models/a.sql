{{ config(materialized='table', persist_docs={'relation': true, 'columns': true}) }}
select 1 as id, 'x' as name, [1, 2] as listed, {'a': 1} as packed, 1.5 as amount
