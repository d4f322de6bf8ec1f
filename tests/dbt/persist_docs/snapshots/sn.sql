{% snapshot sn %}{{ config(strategy='check', check_cols='all', unique_key='id') }}select * from {{ ref('s') }}{% endsnapshot %}
