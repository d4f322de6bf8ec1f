{#- `incremental_strategy: merge`: DuckDB's merge with all that it can. -#}

{% macro duckdb__get_incremental_merge_sql(args_dict) %}
  {%- do return(duckdb__get_merge_sql(
    args_dict['target_relation'], args_dict['temp_relation'], args_dict['unique_key'], args_dict['dest_columns'],
    normalize_incremental_predicates(args_dict.get('incremental_predicates'))
  )) -%}
{% endmacro %}

{% macro duckdb__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
  {%- set predicates = normalize_incremental_predicates(incremental_predicates) -%}
  {%- do validate_merge_config(config, target) -%}
  {%- set only = config.get('merge_update_columns', []) -%}
  {%- set except = config.get('merge_exclude_columns', []) -%}
  {%- set expressions = config.get('merge_update_set_expressions', {}) -%}
  {%- set defaults = merge_clause_defaults(
    config.get('merge_update_condition', none), config.get('merge_insert_condition', none), only, except, expressions
  ) -%}
  {%- set by_name = (only or except or expressions) | length == 0 -%}
  {%- set update = defaults.when_matched_update_by_name if by_name else defaults.when_matched_update_explicit -%}
  {%- set clauses = config.get('merge_clauses', {}) -%}
  {%- set returning = config.get('merge_returning_columns', []) -%}
{{ config.get('sql_header') or '' }}
merge into {{ target }} as DBT_INTERNAL_DEST
using {{ source }} as DBT_INTERNAL_SOURCE
{{ duckdb__merge_join_clause(unique_key, config.get('merge_on_using_columns', []), predicates) }}
  {%- for clause in clauses.get('when_matched', [update]) %}
when matched{{ wh__merge_condition(clause) }} then {{ wh__merge_update(clause, dest_columns) }}
  {%- endfor %}
  {%- for clause in clauses.get('when_not_matched', [defaults.when_not_matched_insert_by_name]) %}
when not matched{% if clause.get('by') %} by {{ clause.get('by') }}{% endif %}{{ wh__merge_condition(clause) }} then {{ wh__merge_insert(clause) }}
  {%- endfor %}
  {%- if returning %}
returning {{ returning if returning is string else returning | join(', ') }}
  {%- endif %}
{%- endmacro %}

{#- How rows of the source find those of the target. -#}
{% macro duckdb__merge_join_clause(unique_key, merge_on_using_columns, incremental_predicates) -%}
  {%- set predicates = incremental_predicates or [] -%}
  {%- if merge_on_using_columns -%}
using ({{ merge_on_using_columns | join(', ') }})
    {%- if predicates %}
on ({{ predicates | join(') and (') }})
    {%- endif %}
  {%- else -%}
    {%- set matches = [] -%}
    {%- for key in wh__keys(unique_key) -%}
      {%- do matches.append('DBT_INTERNAL_SOURCE.' ~ key ~ ' = DBT_INTERNAL_DEST.' ~ key) -%}
    {%- else -%}
      {%- do matches.append('false') -%}
    {%- endfor -%}
on ({{ (matches + predicates) | join(') and (') }})
  {%- endif -%}
{%- endmacro %}

{% macro wh__merge_condition(clause) -%}
  {%- set condition = clause.get('condition') -%}
  {%- if condition is string and condition %} and {{ condition }}
  {%- elif condition %} and ({{ condition | join(') and (') }})
  {%- endif -%}
{%- endmacro %}

{#- What is done to a row, where it is neither updated nor inserted. -#}
{% macro wh__merge_action(clause) -%}
  {%- set action = clause.get('action') -%}
  {%- set message = clause.get('error_message') -%}
  {%- if action == 'delete' -%}
delete
  {%- elif action == 'do_nothing' -%}
do nothing
  {%- elif action == 'error' -%}
error{% if message %} '{{ message | replace("'", "''") }}'{% endif %}
  {%- endif -%}
{%- endmacro %}

{% macro wh__merge_update(clause, dest_columns) -%}
  {%- set mode = clause.get('mode') -%}
  {%- if clause.get('action') != 'update' -%}
{{ wh__merge_action(clause) }}
  {%- elif mode == 'by_name' -%}
update by name
  {%- elif mode == 'by_position' -%}
update by position
  {%- elif mode == 'star' -%}
update set *
  {%- elif mode == 'explicit' -%}
    {%- set what = clause.get('update', {}) -%}
    {%- set expressions = what.get('set_expressions', {}) -%}
    {%- set parts = [] -%}
    {%- for column, expression in expressions.items() -%}
      {%- do parts.append(column ~ ' = ' ~ expression) -%}
    {%- endfor -%}
    {%- for column in get_merge_update_columns(what.get('include', []), what.get('exclude', []), dest_columns) -%}
      {%- if column | replace('"', '') | replace("'", '') not in expressions -%}
        {%- do parts.append(column ~ ' = DBT_INTERNAL_SOURCE.' ~ column) -%}
      {%- endif -%}
    {%- endfor -%}
update set {{ parts | join(', ') }}
  {%- endif -%}
{%- endmacro %}

{% macro wh__merge_insert(clause) -%}
  {%- set mode = clause.get('mode') -%}
  {%- if clause.get('action') == 'update' -%}
    {%- set parts = [] -%}
    {%- for column, expression in clause.get('set_expressions', {}).items() -%}
      {%- do parts.append(column ~ ' = ' ~ expression) -%}
    {%- endfor -%}
update set {{ parts | join(', ') }}
  {%- elif clause.get('action') != 'insert' -%}
{{ wh__merge_action(clause) }}
  {%- elif mode == 'by_name' -%}
insert by name
  {%- elif mode == 'by_position' -%}
insert by position
  {%- elif mode == 'star' -%}
insert *
  {%- elif mode == 'explicit' -%}
    {%- set what = clause.get('insert', {}) -%}
insert ({{ what.get('columns', []) | join(', ') }}) values ({{ what.get('values', []) | join(', ') }})
  {%- endif -%}
{%- endmacro %}

{#- The clauses of a merge that configures none of its own. -#}
{% macro merge_clause_defaults(
    merge_update_condition, merge_insert_condition, merge_update_columns=[], merge_exclude_columns=[], merge_update_set_expressions={}
) %}
  {%- set explicit = {
    'include': merge_update_columns, 'exclude': merge_exclude_columns, 'set_expressions': merge_update_set_expressions
  } -%}
  {%- do return({
    'when_matched_update_by_name': {'action': 'update', 'condition': merge_update_condition, 'mode': 'by_name'},
    'when_not_matched_insert_by_name': {'action': 'insert', 'condition': merge_insert_condition, 'mode': 'by_name'},
    'when_matched_update_explicit': {
      'action': 'update', 'condition': merge_update_condition, 'mode': 'explicit', 'update': explicit
    },
  }) -%}
{% endmacro %}
