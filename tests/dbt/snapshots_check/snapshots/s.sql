{% snapshot every_column %}
{{ config(check_cols='all') }}
select * from {{ ref('people_of') }}
{% endsnapshot %}
{% snapshot some_columns %}
{{ config(check_cols=['name', 'age'], unique_key="id || '-' || part", hard_deletes='new_record') }}
select * from {{ ref('people') }}
{% endsnapshot %}
{% snapshot with_time %}
{{ config(check_cols=['age'], updated_at="timestamp '2024-05-06'") }}
select id, part, age from {{ ref('people') }}
{% endsnapshot %}
