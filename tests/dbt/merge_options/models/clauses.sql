{{ config(materialized='incremental', incremental_strategy='merge', unique_key='id',
    merge_clauses={
        'when_matched': [
            {'action': 'delete', 'condition': 'DBT_INTERNAL_SOURCE.amount > 100'},
            {'action': 'update', 'mode': 'explicit', 'update': {'include': ['name']}},
        ],
        'when_not_matched': [{'action': 'insert', 'mode': 'by_name'}],
    }) }}
select * from {{ ref('rows_of') }}
