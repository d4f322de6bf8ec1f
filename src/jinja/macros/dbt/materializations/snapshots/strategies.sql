{#- How a snapshot sees that a row has changed. A project adds `snapshot_<name>_strategy` for a strategy of its own. -#}

{#- Finds a strategy's macro by name; `package.name` looks in that package only. -#}
{% macro strategy_dispatch(name) %}
  {%- set package_name = name.split('.', 1)[0] if '.' in name else none -%}
  {%- set own_name = name.split('.', 1)[1] if '.' in name else name -%}
  {%- if package_name is not none and package_name not in context -%}
    {%- do exceptions.raise_compiler_error("Could not find package '" ~ package_name ~ "', called with '" ~ name ~ "'") -%}
  {%- endif -%}
  {%- set place = context if package_name is none else context[package_name] -%}
  {%- set macro_name = 'snapshot_' ~ own_name ~ '_strategy' -%}
  {%- if macro_name not in place -%}
    {%- do exceptions.raise_compiler_error(
      "The specified strategy macro '" ~ own_name ~ "' was not found in package '" ~ package_name ~ "'"
    ) -%}
  {%- endif -%}
  {%- do return(place[macro_name]) -%}
{% endmacro %}

{% macro snapshot_hash_arguments(args) -%}
  {{- adapter.dispatch('snapshot_hash_arguments', 'dbt')(args) -}}
{%- endmacro %}

{% macro default__snapshot_hash_arguments(args) -%}
md5({% for arg in args %}coalesce(cast({{ arg }} as varchar), ''){% if not loop.last %} || '|' || {% endif %}{% endfor %})
{%- endmacro %}

{#- What every strategy answers. -#}
{% macro wh__snapshot_strategy(updated_at, row_changed) %}
  {%- set hard_deletes = adapter.get_hard_deletes_behavior(config) -%}
  {%- do return({
    'unique_key': config.get('unique_key'),
    'updated_at': updated_at,
    'row_changed': row_changed,
    'scd_id': snapshot_hash_arguments(api.Relation.scd_args(config.get('unique_key'), updated_at)),
    'invalidate_hard_deletes': hard_deletes == 'invalidate',
    'hard_deletes': hard_deletes,
  }) -%}
{% endmacro %}

{#- A row has changed when its time of change is later than the version's beginning. -#}
{% macro snapshot_timestamp_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) %}
  {%- set columns = wh__snapshot_columns() -%}
  {%- set updated_at = config.get('updated_at') -%}
  {%- set row_changed = '(' ~ snapshotted_rel ~ '.' ~ columns.dbt_valid_from ~ ' < ' ~ current_rel ~ '.' ~ updated_at ~ ')' -%}
  {%- do return(wh__snapshot_strategy(updated_at, row_changed)) -%}
{% endmacro %}

{#- A row has changed when one of the columns to check has, or when one of them is new. -#}
{% macro snapshot_check_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) %}
  {%- set updated_at = config.get('updated_at') or snapshot_get_time() -%}
  {%- set column_added, check_cols = snapshot_check_all_get_existing_columns(node, target_exists, config.get('check_cols')) -%}
  {%- set changes = [] -%}
  {%- for column in check_cols or [] -%}
    {%- do changes.append(snapshotted_rel ~ '.' ~ column ~ ' is distinct from ' ~ current_rel ~ '.' ~ column) -%}
  {%- endfor -%}
  {%- set row_changed = get_true_sql() if column_added else changes | join(' or ') -%}
  {%- do return(wh__snapshot_strategy(updated_at, '(' ~ row_changed ~ ')')) -%}
{% endmacro %}

{#- Returns whether a checked column is new, and the quoted columns that the table has already. -#}
{% macro snapshot_check_all_get_existing_columns(node, target_exists, check_cols_config) %}
  {%- if not target_exists -%}
    {%- do return((false, none)) -%}
  {%- elif check_cols_config == 'all' -%}
    {%- set query_columns = get_columns_in_query(compiled_code) -%}
  {%- elif check_cols_config is iterable and check_cols_config is not string and check_cols_config -%}
    {%- set query -%}
select {{ check_cols_config | join(', ') }} from (
{{ compiled_code }}
) subq
    {%- endset -%}
    {%- set query_columns = get_columns_in_query(query) -%}
  {%- else -%}
    {%- do exceptions.raise_compiler_error("Invalid value for 'check_cols': " ~ check_cols_config) -%}
  {%- endif -%}
  {%- set target = load_cached_relation(this) -%}
  {%- set known = adapter.get_columns_in_relation(target) | map(attribute='name') | list -%}
  {%- set common = [] -%}
  {%- for column in query_columns if column in known -%}
    {%- do common.append(adapter.quote(column)) -%}
  {%- endfor -%}
  {%- do return((common | length < query_columns | length, common)) -%}
{% endmacro %}

{% macro snapshot_string_as_time(timestamp) -%}
  {{- adapter.dispatch('snapshot_string_as_time', 'dbt')(timestamp) -}}
{%- endmacro %}

{% macro default__snapshot_string_as_time(timestamp) %}
  {%- do exceptions.raise_not_implemented('snapshot_string_as_time macro not implemented for adapter ' ~ adapter.type()) -%}
{% endmacro %}
