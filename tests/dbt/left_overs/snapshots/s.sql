{% snapshot s %}

{{ config(unique_key='id', strategy='check', check_cols=['n'], meta={'of': 'it\'s', 'n': [1, 2,],}) }}
select * from {{ ref('a') }}

{% endsnapshot %}
