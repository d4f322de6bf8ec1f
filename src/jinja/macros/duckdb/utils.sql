{#- Functions of SQL as DuckDB has them. -#}

{% macro duckdb__any_value(expression) -%}
arbitrary({{ expression }})
{%- endmacro %}

{% macro duckdb__date(year, month, day) -%}
make_date({{ year }}, {{ month }}, {{ day }})
{%- endmacro %}

{#- The number of units may be any expression; quarters and weeks are counted in months and days. -#}
{% macro duckdb__dateadd(datepart, interval, from_date_or_timestamp) -%}
  {%- set unit = datepart | lower -%}
  {%- set unit, times = {'quarter': ('month', ' * 3'), 'week': ('day', ' * 7')}.get(unit, (unit, '')) -%}
  {%- set count = 'cast(' ~ interval ~ ' as bigint)' %}
    ({{ from_date_or_timestamp }} + {{ '(' ~ count ~ times ~ ')' if times else count }} * interval 1 {{ unit }})
{%- endmacro %}

{#- Weeks begin on Sunday, as in other engines. -#}
{% macro duckdb__datediff(first_date, second_date, datepart) -%}
  {%- if datepart == 'week' -%}
({{ datediff(first_date, second_date, 'day') }} // 7 + case
    when date_part('dow', ({{ first_date }})::timestamp) <= date_part('dow', ({{ second_date }})::timestamp)
        then case when {{ first_date }} <= {{ second_date }} then 0 else -1 end
    else case when {{ first_date }} <= {{ second_date }} then 1 else 0 end
end)
  {%- else -%}
(date_diff('{{ datepart }}', {{ first_date }}::timestamp, {{ second_date }}::timestamp ))
  {%- endif -%}
{%- endmacro %}

{% macro duckdb__generate_series(upper_bound) -%}
select generate_series as generated_number
from generate_series(1, {{ upper_bound }})
{%- endmacro %}

{% macro duckdb__last_day(date, datepart) -%}
  {%- if datepart == 'quarter' -%}
-- A quarter is three months.
cast(
    {{ dbt.dateadd('day', '-1', dbt.dateadd('month', '3', dbt.date_trunc(datepart, date))) }}
    as date)
  {%- else -%}
    {{- dbt.default_last_day(date, datepart) -}}
  {%- endif -%}
{%- endmacro %}

{% macro duckdb__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
  {%- if limit_num -%}
list_aggr(
    (array_agg(
        {{ measure }}
        {{ order_by_clause or '' }}
    ))[1:{{ limit_num }}],
    'string_agg',
    {{ delimiter_text }}
)
  {%- else -%}
string_agg(
    {{ measure }},
    {{ delimiter_text }}
    {{ order_by_clause or '' }}
)
  {%- endif -%}
{%- endmacro %}

{% macro duckdb__split_part(string_text, delimiter_text, part_number) -%}
string_split({{ string_text }}, {{ delimiter_text }})[ {{ part_number }} ]
{%- endmacro %}

{% macro duckdb__current_timestamp() -%}
now()
{%- endmacro %}

{% macro normalize_string_or_list(raw, field_name) -%}
  {%- if raw is none -%}
    {%- do return([]) -%}
  {%- endif -%}
  {%- if raw is mapping or raw is not sequence -%}
    {%- do exceptions.raise_compiler_error(field_name ~ ' must be a list of strings or a string') -%}
  {%- endif -%}
  {%- set items = [raw] if raw is string else raw | list -%}
  {%- for item in items if item is not string -%}
    {%- do exceptions.raise_compiler_error(field_name ~ ' list values must be non-empty strings') -%}
  {%- endfor -%}
  {%- do return(items) -%}
{%- endmacro %}
