{#- `incremental_strategy: microbatch`: the rows of one batch of time replace those that the table has of it. -#}

{% macro duckdb__get_incremental_microbatch_sql(arg_dict) -%}
  {%- set event_time = config.get('event_time') -%}
  {%- set batch = model.get('batch') or {} -%}
  {%- set start, end = batch.get('event_time_start'), batch.get('event_time_end') -%}
  {%- if not event_time -%}
    {%- do exceptions.raise_compiler_error("microbatch incremental strategy requires an 'event_time' model config") -%}
  {%- elif config.get('unique_key') -%}
    {%- do exceptions.raise_compiler_error(
      "microbatch incremental strategy does not support 'unique_key': the rows of a batch are replaced by event_time. "
      ~ "Remove 'unique_key' or use incremental_strategy='merge'."
    ) -%}
  {%- elif not (start and end) -%}
    {%- do exceptions.raise_compiler_error(
      "microbatch incremental strategy requires 'batch.event_time_start' and 'batch.event_time_end' to be set in the context"
    ) -%}
  {%- endif -%}
  {%- set target = arg_dict['target_relation'] -%}
  {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
  {%- set within -%}
{{ event_time }} >= '{{ start }}' and {{ event_time }} < '{{ end }}'
  {%- endset -%}
  {%- set build_sql -%}
delete from {{ target }}
where {{ within }}
    {%- for predicate in normalize_incremental_predicates(arg_dict.get('incremental_predicates')) %}
  and ({{ predicate }})
    {%- endfor %};
insert into {{ target }} ({{ columns }})
select {{ columns }}
from {{ arg_dict['temp_relation'] }}
where {{ within }}
  {%- endset -%}
  {%- do return(build_sql) -%}
{%- endmacro %}
