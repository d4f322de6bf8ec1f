{#- Generic tests with the names and arguments of dbt_utils; reached with and without that package's name. -#}

{#- An expression that is not true; for a column, what follows the column's name, such as `>= 0`. NULL passes. -#}
{% test expression_is_true(model, expression, column_name=none) -%}
select *
from {{ model }}
where not ({{ column_name ~ ' ' if column_name is not none }}{{ expression }})
{%- endtest %}

{#- Values below `min_value` or above `max_value`; the limits are numbers or SQL expressions. NULL passes. -#}
{% test accepted_range(model, column_name, min_value=none, max_value=none, inclusive=true) -%}
  {%- if min_value is none and max_value is none -%}
    {{- exceptions.raise_compiler_error("`accepted_range` is given neither `min_value` nor `max_value`") -}}
  {%- endif -%}
select *
from {{ model }}
where false
    {%- if min_value is not none %}
    or {{ column_name }} <{{ '' if inclusive else '=' }} {{ min_value }}
    {%- endif %}
    {%- if max_value is not none %}
    or {{ column_name }} >{{ '' if inclusive else '=' }} {{ max_value }}
    {%- endif %}
{%- endtest %}

{#- Combinations of values that occur more than once. -#}
{% test unique_combination_of_columns(model, combination_of_columns, quote_columns=false) -%}
  {%- set columns = [] -%}
  {%- for column in combination_of_columns -%}
    {%- do columns.append(adapter.quote(column) if quote_columns else column) -%}
  {%- endfor -%}
select
    {{ columns | join(', ') }},
    count(*) as n_records
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{%- endtest %}

{#- A column whose share of values that are not missing is below `at_least` or above `at_most`, 0 to 1. -#}
{% test not_null_proportion(model, column_name, at_least, at_most=1.0, group_by_columns=[]) -%}
  {{- config(fail_calc='coalesce(sum(n_missing), 0)::bigint') -}}
select
    {% for column in group_by_columns %}{{ column }}, {% endfor -%}
    count(*) as n_rows,
    count(*) - count({{ column_name }}) as n_missing,
    count({{ column_name }}) / count(*) as not_null_proportion
from {{ model }}
{% if group_by_columns %}group by {{ group_by_columns | join(', ') }}{% endif %}
having count(*) > 0
    and (count({{ column_name }}) / count(*) < {{ at_least }} or count({{ column_name }}) / count(*) > {{ at_most }})
{%- endtest %}

{#- Texts that are empty, or nothing but white space. -#}
{% test not_empty_string(model, column_name, trim_whitespace=true) -%}
select *
from {{ model }}
where {% if trim_whitespace %}trim({{ column_name }}){% else %}{{ column_name }}{% endif %} = ''
{%- endtest %}

{#- Values that must not occur. -#}
{% test not_accepted_values(model, column_name, values, quote=true) -%}
select
    {{ column_name }} as value_field,
    count(*) as n_records
from {{ model }}
where {{ column_name }} in (
    {%- for value in values %}
    {% if quote %}'{{ value | replace("'", "''") }}'{% else %}{{ value }}{% endif %}{% if not loop.last %},{% endif %}
    {%- endfor %}
)
group by {{ column_name }}
{%- endtest %}

{#- A column in which every row says the same. -#}
{% test not_constant(model, column_name) -%}
select count(distinct {{ column_name }}) as n_distinct
from {{ model }}
having count(distinct {{ column_name }}) = 1
{%- endtest %}

{#- A column without any value. -#}
{% test at_least_one(model, column_name) -%}
select count({{ column_name }}) as n_values
from {{ model }}
having count({{ column_name }}) = 0
{%- endtest %}

{#- A relation of another number of rows than `compare_model`. -#}
{% test equal_rowcount(model, compare_model) -%}
select own.n_rows, other.n_rows as n_rows_compared
from (select count(*) as n_rows from {{ model }}) as own
cross join (select count(*) as n_rows from {{ compare_model }}) as other
where own.n_rows != other.n_rows
{%- endtest %}

{#- A relation whose latest time is more than `interval` `datepart`s ago, or that has none. -#}
{% test recency(model, field, datepart, interval) -%}
select max({{ field }}::timestamp) as most_recent
from {{ model }}
having max({{ field }}::timestamp) is null
    or max({{ field }}::timestamp) < '{{ run_started_at }}'::timestamp - interval {{ interval }} {{ datepart }}
{%- endtest %}

{#- As relationships, for the rows that two conditions choose. -#}
{% test relationships_where(model, column_name, to, field, from_condition='true', to_condition='true') -%}
select child.{{ column_name }} as from_field
from (select * from {{ model }} where {{ from_condition }}) as child
left join (select * from {{ to }} where {{ to_condition }}) as parent
    on child.{{ column_name }} = parent.{{ field }}
where child.{{ column_name }} is not null
    and parent.{{ field }} is null
{%- endtest %}
