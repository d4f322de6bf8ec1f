{% snapshot h %}{{ config(strategy='check', check_cols=['x'], unique_key='x') }}select x from {{ ref('d') }}{% endsnapshot %}
