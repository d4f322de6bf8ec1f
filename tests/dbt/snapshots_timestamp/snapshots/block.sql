{% snapshot kept %}
{{ config(target_schema='history', unique_key='id', strategy='timestamp', updated_at='updated_at') }}
select * from {{ source('raw', 'people') }}
{% endsnapshot %}

{% snapshot invalidated %}
{{ config(unique_key='id', strategy='timestamp', updated_at='updated_at', invalidate_hard_deletes=true) }}
select * from {{ source('raw', 'people') }}
{% endsnapshot %}
