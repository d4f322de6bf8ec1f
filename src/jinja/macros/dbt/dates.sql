{#- Dates that are computed while a template is rendered, in Python's formats. -#}

{% macro convert_datetime(date_str, date_fmt) %}
  {%- set message = 'The provided partition date ' ~ date_str ~ ' does not match the expected format ' ~ date_fmt -%}
  {%- do return(try_or_compiler_error(message, modules.datetime.datetime.strptime, date_str.strip(), date_fmt)) -%}
{% endmacro %}

{#- Every day from the first to the last, both included, as text of `out_fmt`, or as dates where that is empty. -#}
{% macro dates_in_range(start_date_str, end_date_str=none, in_fmt='%Y%m%d', out_fmt='%Y%m%d') %}
  {%- set start_date = convert_datetime(start_date_str, in_fmt) -%}
  {%- set end_date = convert_datetime(start_date_str if end_date_str is none else end_date_str, in_fmt) -%}
  {%- set day_count = (end_date - start_date).days -%}
  {%- if day_count < 0 -%}
    {%- do exceptions.raise_compiler_error('Partition start date is after the end date (' ~ start_date ~ ', ' ~ end_date ~ ')') -%}
  {%- endif -%}
  {%- set dates = [] -%}
  {%- for days in range(day_count + 1) -%}
    {%- set date = start_date + modules.datetime.timedelta(days=days) -%}
    {%- do dates.append(date.strftime(out_fmt) if out_fmt else date) -%}
  {%- endfor -%}
  {%- do return(dates) -%}
{% endmacro %}

{#- The days of `first` or of `first,last`. -#}
{% macro partition_range(raw_partition_date, date_fmt='%Y%m%d') %}
  {%- set parts = (raw_partition_date | string).split(',') -%}
  {%- if parts | length > 2 -%}
    {%- do exceptions.raise_compiler_error('Invalid partition time. Expected format: {Start Date}[,{End Date}]. Got: ' ~ raw_partition_date) -%}
  {%- endif -%}
  {%- do return(dates_in_range(parts[0], parts[1] if parts | length == 2 else none, in_fmt=date_fmt)) -%}
{% endmacro %}

{% macro py_current_timestring() %}
  {%- do return(modules.datetime.datetime.now().strftime('%Y%m%d%H%M%S%f')) -%}
{% endmacro %}
