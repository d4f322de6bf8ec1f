{#- Generic tests with the names and arguments of dbt_expectations, which are those of Great Expectations; reached with and without that package's name. -#}

{#- Rows of `model` that `row_condition` chooses and that break `expression`; NULL in the expression passes. -#}
{% macro rows_that_break(model, expression, row_condition=none) -%}
select *
from {{ model }}
where not ({{ expression }})
    {%- if row_condition is not none %}
    and ({{ row_condition }})
    {%- endif %}
{%- endmacro %}

{% test expect_column_values_to_not_be_null(model, column_name, row_condition=none) -%}
  {{- rows_that_break(model, column_name ~ ' is not null', row_condition) -}}
{%- endtest %}

{% test expect_column_values_to_be_between(model, column_name, min_value=none, max_value=none, row_condition=none, strictly=false) -%}
  {%- set limits = [] -%}
  {%- set equal = '' if strictly else '=' -%}
  {%- if min_value is not none -%}{%- do limits.append(column_name ~ ' >' ~ equal ~ ' ' ~ min_value) -%}{%- endif -%}
  {%- if max_value is not none -%}{%- do limits.append(column_name ~ ' <' ~ equal ~ ' ' ~ max_value) -%}{%- endif -%}
  {%- if not limits -%}
    {{- exceptions.raise_compiler_error("`expect_column_values_to_be_between` is given neither `min_value` nor `max_value`") -}}
  {%- endif -%}
  {{- rows_that_break(model, limits | join(' and '), row_condition) -}}
{%- endtest %}

{% test expect_column_values_to_be_in_set(model, column_name, value_set, quote_values=true, row_condition=none) -%}
  {%- set values = [] -%}
  {%- for value in value_set -%}
    {%- do values.append("'" ~ (value | string | replace("'", "''")) ~ "'" if quote_values else value) -%}
  {%- endfor -%}
  {{- rows_that_break(model, column_name ~ ' in (' ~ values | join(', ') ~ ')', row_condition) -}}
{%- endtest %}

{% test expect_column_values_to_match_regex(model, column_name, regex, row_condition=none) -%}
  {{- rows_that_break(model, 'regexp_matches(' ~ column_name ~ "::varchar, '" ~ (regex | replace("'", "''")) ~ "')", row_condition) -}}
{%- endtest %}

{% test expect_column_values_to_not_match_regex(model, column_name, regex, row_condition=none) -%}
  {{- rows_that_break(model, 'not regexp_matches(' ~ column_name ~ "::varchar, '" ~ (regex | replace("'", "''")) ~ "')", row_condition) -}}
{%- endtest %}

{% test expect_column_value_lengths_to_be_between(model, column_name, min_value=none, max_value=none, row_condition=none) -%}
  {%- set limits = [] -%}
  {%- if min_value is not none -%}{%- do limits.append('length(' ~ column_name ~ ') >= ' ~ min_value) -%}{%- endif -%}
  {%- if max_value is not none -%}{%- do limits.append('length(' ~ column_name ~ ') <= ' ~ max_value) -%}{%- endif -%}
  {{- rows_that_break(model, limits | join(' and ') or 'true', row_condition) -}}
{%- endtest %}

{#- The type of the column itself, as DuckDB names it; `int` and `string` are the words of other engines for the same. -#}
{% test expect_column_values_to_be_of_type(model, column_name, column_type) -%}
select '{{ column_name }}' as column_name, any_value(typeof({{ column_name }})) as data_type
from {{ model }}
having any_value(typeof({{ column_name }})) != typeof(cast(null as {{ column_type }}))
{%- endtest %}

{% test expect_column_values_to_be_unique(model, column_name, row_condition=none) -%}
select {{ column_name }}, count(*) as n_records
from {{ model }}
where {{ column_name }} is not null
    {%- if row_condition is not none %}
    and ({{ row_condition }})
    {%- endif %}
group by {{ column_name }}
having count(*) > 1
{%- endtest %}

{% test expect_compound_columns_to_be_unique(model, column_list, row_condition=none) -%}
select {{ column_list | join(', ') }}, count(*) as n_records
from {{ model }}
{%- if row_condition is not none %}
where {{ row_condition }}
{%- endif %}
group by {{ column_list | join(', ') }}
having count(*) > 1
{%- endtest %}

{% test expect_column_pair_values_A_to_be_greater_than_B(model, column_A, column_B, or_equal=false, row_condition=none) -%}
  {{- rows_that_break(model, column_A ~ ' >' ~ ('=' if or_equal else '') ~ ' ' ~ column_B, row_condition) -}}
{%- endtest %}

{% test expect_column_pair_values_to_be_equal(model, column_A, column_B, row_condition=none) -%}
  {{- rows_that_break(model, column_A ~ ' is not distinct from ' ~ column_B, row_condition) -}}
{%- endtest %}

{% test expect_table_row_count_to_be_between(model, min_value=none, max_value=none) -%}
select count(*) as n_rows
from {{ model }}
having false
    {%- if min_value is not none %}
    or count(*) < {{ min_value }}
    {%- endif %}
    {%- if max_value is not none %}
    or count(*) > {{ max_value }}
    {%- endif %}
{%- endtest %}

{% test expect_table_row_count_to_equal_other_table(model, compare_model) -%}
  {{- test_equal_rowcount(model, compare_model) -}}
{%- endtest %}

{% test expect_column_mean_to_be_between(model, column_name, min_value=none, max_value=none) -%}
select avg({{ column_name }}) as mean
from {{ model }}
having false
    {%- if min_value is not none %}
    or avg({{ column_name }}) < {{ min_value }}
    {%- endif %}
    {%- if max_value is not none %}
    or avg({{ column_name }}) > {{ max_value }}
    {%- endif %}
{%- endtest %}

{#- Periods of `interval` `date_part`s without a row, from `test_start_date` (or the first date) to before `test_end_date` (or to the last date). -#}
{% test expect_row_values_to_have_data_for_every_n_datepart(model, date_col, date_part='day', interval=1, test_start_date=none, test_end_date=none) -%}
with found as (
    select date_trunc('{{ date_part }}', {{ date_col }}::timestamp) as period
    from {{ model }}
    where {{ date_col }} is not null
),
wanted as (
    select unnest(generate_series(
        {% if test_start_date is none %}(select min(period) from found){% else %}date_trunc('{{ date_part }}', '{{ test_start_date }}'::timestamp){% endif %},
        {% if test_end_date is none %}(select max(period) from found){% else %}'{{ test_end_date }}'::timestamp - interval 1 microsecond{% endif %},
        interval {{ interval }} {{ date_part }}
    )) as period
)
select wanted.period::date as missing_from
from wanted
where not exists (
    select 1
    from found
    where found.period >= wanted.period and found.period < wanted.period + interval {{ interval }} {{ date_part }}
)
order by missing_from
{%- endtest %}
