{#- The queries of a snapshot: the first version of every row, and the changes since. -#}

{% macro get_snapshot_table_column_names() %}
  {%- do return({
    'dbt_valid_to': 'dbt_valid_to',
    'dbt_valid_from': 'dbt_valid_from',
    'dbt_scd_id': 'dbt_scd_id',
    'dbt_updated_at': 'dbt_updated_at',
    'dbt_is_deleted': 'dbt_is_deleted',
  }) -%}
{% endmacro %}

{#- The names that a snapshot gives the columns it adds. -#}
{% macro wh__snapshot_columns() %}
  {%- set names = get_snapshot_table_column_names() -%}
  {%- for key, name in (config.get('snapshot_meta_column_names') or {}).items() if name -%}
    {%- do names.update({key: name}) -%}
  {%- endfor -%}
  {%- do return(config.get('snapshot_table_column_names') or names) -%}
{% endmacro %}

{% macro create_columns(relation, columns) %}
  {%- do return(adapter.dispatch('create_columns', 'dbt')(relation, columns)) -%}
{% endmacro %}

{% macro default__create_columns(relation, columns) %}
  {%- for column in columns -%}
    {%- call statement() -%}
alter table {{ relation.render() }} add column {{ adapter.quote(column.name) }} {{ column.expanded_data_type }}
    {%- endcall -%}
  {%- endfor -%}
{% endmacro %}

{% macro post_snapshot(staging_relation) %}
  {%- do return(adapter.dispatch('post_snapshot', 'dbt')(staging_relation)) -%}
{% endmacro %}

{% macro default__post_snapshot(staging_relation) %}
{% endmacro %}

{% macro get_true_sql() -%}
  {{- adapter.dispatch('get_true_sql', 'dbt')() -}}
{%- endmacro %}

{% macro default__get_true_sql() %}
  {%- do return('TRUE') -%}
{% endmacro %}

{% macro build_snapshot_table(strategy, sql) -%}
  {{- adapter.dispatch('build_snapshot_table', 'dbt')(strategy, sql) -}}
{%- endmacro %}

{% macro default__build_snapshot_table(strategy, sql) -%}
  {%- set columns = wh__snapshot_columns() -%}
select
  *,
  {{ strategy.scd_id }} as {{ columns.dbt_scd_id }},
  {{ strategy.updated_at }} as {{ columns.dbt_updated_at }},
  {{ strategy.updated_at }} as {{ columns.dbt_valid_from }},
  {{ get_dbt_valid_to_current(strategy, columns) }}
  {%- if strategy.hard_deletes == 'new_record' %},
  'False' as {{ columns.dbt_is_deleted }}
  {%- endif %}
from (
{{ sql }}
) sbq
{%- endmacro %}

{% macro build_snapshot_staging_table(strategy, sql, target_relation) %}
  {%- set staging = make_temp_relation(target_relation) -%}
  {%- call statement('build_snapshot_staging_relation') -%}
    {{- create_table_as(true, staging, snapshot_staging_table(strategy, sql, target_relation)) -}}
  {%- endcall -%}
  {%- do return(staging) -%}
{% endmacro %}

{% macro snapshot_staging_table(strategy, source_sql, target_relation) -%}
  {{- adapter.dispatch('snapshot_staging_table', 'dbt')(strategy, source_sql, target_relation) -}}
{%- endmacro %}

{#- Selects what is new: versions to insert, versions that end because the row changed or is gone, records of deletion. -#}
{% macro default__snapshot_staging_table(strategy, source_sql, target_relation) -%}
  {%- set columns = wh__snapshot_columns() -%}
  {%- set keeps_records = strategy.hard_deletes == 'new_record' -%}
  {%- set sees_deletes = keeps_records or strategy.hard_deletes == 'invalidate' -%}
  {%- set matches = unique_key_join_on(strategy.unique_key, 'snapshotted_data', 'source_data') -%}
  {%- set changed -%}
({{ strategy.row_changed }}{% if keeps_records %} or snapshotted_data.{{ columns.dbt_is_deleted }} = 'True'{% endif %})
  {%- endset -%}
with snapshot_query as (
{{ source_sql }}
),
snapshotted_data as (
  select *, {{ unique_key_fields(strategy.unique_key) }}
  from {{ target_relation }}
  where {{ wh__is_current(columns.dbt_valid_to) }}
),
insertions_source_data as (
  select
    *, {{ unique_key_fields(strategy.unique_key) }},
    {{ strategy.updated_at }} as {{ columns.dbt_updated_at }},
    {{ strategy.updated_at }} as {{ columns.dbt_valid_from }},
    {{ get_dbt_valid_to_current(strategy, columns) }},
    {{ strategy.scd_id }} as {{ columns.dbt_scd_id }}
  from snapshot_query
),
updates_source_data as (
  select
    *, {{ unique_key_fields(strategy.unique_key) }},
    {{ strategy.updated_at }} as {{ columns.dbt_updated_at }},
    {{ strategy.updated_at }} as {{ columns.dbt_valid_from }},
    {{ strategy.updated_at }} as {{ columns.dbt_valid_to }}
  from snapshot_query
),
  {%- if sees_deletes %}
deletes_source_data as (
  select *, {{ unique_key_fields(strategy.unique_key) }} from snapshot_query
),
  {%- endif %}
insertions as (
  select 'insert' as dbt_change_type, source_data.*
    {%- if keeps_records %}, 'False' as {{ columns.dbt_is_deleted }}{% endif %}
  from insertions_source_data as source_data
  left join snapshotted_data on {{ matches }}
  where {{ unique_key_is_null(strategy.unique_key, 'snapshotted_data') }}
    or ({{ unique_key_is_not_null(strategy.unique_key, 'snapshotted_data') }} and {{ changed }})
),
updates as (
  select 'update' as dbt_change_type, source_data.*, snapshotted_data.{{ columns.dbt_scd_id }}
    {%- if keeps_records %}, snapshotted_data.{{ columns.dbt_is_deleted }}{% endif %}
  from updates_source_data as source_data
  join snapshotted_data on {{ matches }}
  where {{ changed }}
)
  {%- if sees_deletes -%}
,
{{ wh__snapshot_deletes(strategy, columns, matches) }}
  {%- endif -%}
  {%- if keeps_records -%}
,
{{ wh__snapshot_deletion_records(strategy, columns, matches, source_sql, target_relation) }}
  {%- endif %}
select * from insertions
union all
select * from updates
  {%- if sees_deletes %}
union all
select * from deletes
  {%- endif %}
  {%- if keeps_records %}
union all
select * from deletion_records
  {%- endif %}
{%- endmacro %}

{#- The condition that the latest version of a row does not say already that it is deleted. -#}
{% macro wh__is_not_deleted(columns) -%}
  {%- set current = config.get('dbt_valid_to_current') -%}
not (
    snapshotted_data.{{ columns.dbt_is_deleted }} = 'True'
    and snapshotted_data.{{ columns.dbt_valid_to }} {{ '= ' ~ current if current else 'is null' }}
  )
{%- endmacro %}

{% macro wh__snapshot_deletes(strategy, columns, matches) -%}
deletes as (
  select
    'delete' as dbt_change_type,
    source_data.*,
    {{ snapshot_get_time() }} as {{ columns.dbt_valid_from }},
    {{ snapshot_get_time() }} as {{ columns.dbt_updated_at }},
    {{ snapshot_get_time() }} as {{ columns.dbt_valid_to }},
    snapshotted_data.{{ columns.dbt_scd_id }}
    {%- if strategy.hard_deletes == 'new_record' %},
    snapshotted_data.{{ columns.dbt_is_deleted }}
    {%- endif %}
  from snapshotted_data
  left join deletes_source_data as source_data on {{ matches }}
  where {{ unique_key_is_null(strategy.unique_key, 'source_data') }}
  {%- if strategy.hard_deletes == 'new_record' %}
  and {{ wh__is_not_deleted(columns) }}
  {%- endif %}
)
{%- endmacro %}

{% macro wh__snapshot_deletion_records(strategy, columns, matches, source_sql, target_relation) -%}
  {%- set known = get_list_of_column_names(get_columns_in_relation(target_relation)) -%}
deletion_records as (
  select
    'insert' as dbt_change_type,
    {%- for name in get_columns_in_query(source_sql) %}
    {{ 'snapshotted_data' if name in known else 'source_data' }}.{{ adapter.quote(name) }},
    {%- endfor %}
    {%- if strategy.unique_key | is_list %}
      {%- for key in strategy.unique_key %}
    snapshotted_data.{{ key }} as dbt_unique_key_{{ loop.index }},
      {%- endfor %}
    {%- else %}
    snapshotted_data.dbt_unique_key as dbt_unique_key,
    {%- endif %}
    {{ snapshot_get_time() }} as {{ columns.dbt_valid_from }},
    {{ snapshot_get_time() }} as {{ columns.dbt_updated_at }},
    snapshotted_data.{{ columns.dbt_valid_to }} as {{ columns.dbt_valid_to }},
    {{ snapshot_hash_arguments([columns.dbt_scd_id, snapshot_get_time()]) }} as {{ columns.dbt_scd_id }},
    'True' as {{ columns.dbt_is_deleted }}
  from snapshotted_data
  left join deletes_source_data as source_data on {{ matches }}
  where {{ unique_key_is_null(strategy.unique_key, 'source_data') }}
  and {{ wh__is_not_deleted(columns) }}
)
{%- endmacro %}

{% macro get_dbt_valid_to_current(strategy, columns) -%}
coalesce(nullif({{ strategy.updated_at }}, {{ strategy.updated_at }}), {{ config.get('dbt_valid_to_current') or 'null' }}) as {{ columns.dbt_valid_to }}
{%- endmacro %}

{% macro get_updated_at_column_data_type(snapshot_sql) %}
  {%- for column in get_column_schema_from_query(snapshot_sql) if column.column in ['dbt_updated_at', 'DBT_UPDATED_AT'] -%}
    {%- do return(column.dtype) -%}
  {%- endfor -%}
  {%- do return(none) -%}
{% endmacro %}

{% macro check_time_data_types(sql) %}
  {%- set own = get_updated_at_column_data_type(sql) -%}
  {%- set engine = get_snapshot_get_time_data_type() -%}
  {%- if own is not none and engine is not none and own != engine -%}
    {%- do exceptions.warn_snapshot_timestamp_data_types(engine, own) -%}
  {%- endif -%}
{% endmacro %}

{% macro unique_key_fields(unique_key) -%}
  {%- if unique_key | is_list -%}
    {%- for key in unique_key -%}
{{ key }} as dbt_unique_key_{{ loop.index }}{% if not loop.last %}, {% endif %}
    {%- endfor -%}
  {%- else -%}
{{ unique_key }} as dbt_unique_key
  {%- endif -%}
{%- endmacro %}

{% macro unique_key_join_on(unique_key, identifier, from_identifier) -%}
  {%- if unique_key | is_list -%}
    {%- for key in unique_key -%}
{{ equals(identifier ~ '.dbt_unique_key_' ~ loop.index, from_identifier ~ '.dbt_unique_key_' ~ loop.index) }}{% if not loop.last %} and {% endif %}
    {%- endfor -%}
  {%- else -%}
{{ identifier }}.dbt_unique_key = {{ from_identifier }}.dbt_unique_key
  {%- endif -%}
{%- endmacro %}

{% macro unique_key_is_null(unique_key, identifier) -%}
{{ identifier }}.dbt_unique_key{{ '_1' if unique_key | is_list }} is null
{%- endmacro %}

{% macro unique_key_is_not_null(unique_key, identifier) -%}
{{ identifier }}.dbt_unique_key{{ '_1' if unique_key | is_list }} is not null
{%- endmacro %}
