{#- Generic tests of wh's own. Each selects the offending rows; none is a pass. -#}

{#- Text that cannot be cast to a type: `column_type` as in SQL, such as `integer` or `date`. -#}
{% test is_castable(model, column_name, column_type) -%}
select *
from {{ model }}
where {{ column_name }} is not null
    and try_cast({{ column_name }} as {{ column_type }}) is null
{%- endtest %}

{#- Text in which a regular expression (RE2) is not found; anchor it with ^ and $ to match the whole. -#}
{% test matches_regex(model, column_name, regex) -%}
select *
from {{ model }}
where {{ column_name }} is not null
    and not regexp_matches({{ column_name }}::varchar, '{{ regex | replace("'", "''") }}')
{%- endtest %}

{#-
  Periods without a row between the first and the last date of a column, or between `from_date` and `to_date` where they are given.
  `datepart` is day, week, month, quarter or year; the dates are SQL expressions, such as `'2024-01-01'` in quotes or `current_date`.
-#}
{% test no_missing_periods(model, column_name, datepart='month', from_date=none, to_date=none) -%}
with found as (
    select distinct date_trunc('{{ datepart }}', {{ column_name }}::timestamp) as period
    from {{ model }}
    where {{ column_name }} is not null
),
bounds as (
    select
        {% if from_date is none %}min(period){% else %}date_trunc('{{ datepart }}', ({{ from_date }})::timestamp){% endif %} as first_period,
        {% if to_date is none %}max(period){% else %}date_trunc('{{ datepart }}', ({{ to_date }})::timestamp){% endif %} as last_period
    from found
),
wanted as (
    select unnest(generate_series(first_period, last_period, interval 1 {{ datepart }})) as period
    from bounds
)
select wanted.period::date as missing_{{ datepart }}
from wanted
anti join found on wanted.period = found.period
order by missing_{{ datepart }}
{%- endtest %}

{#-
  A table whose number of rows is far from that of the runs before: more than `sensitivity` robust standard deviations
  (1.4826 times the median absolute deviation; Leys et al., "Detecting outliers", 2013) and more than the share `tolerance`
  from the median. With `measure='new_rows'`, what was added since the run before is compared, not the whole. Fewer than
  `min_history` runs before: it passes.
-#}
{% test row_count_anomaly(model, sensitivity=3, min_history=5, tolerance=0.05, measure='rows', max_history=30) -%}
  {%- if config.get('where') -%}
    {{- exceptions.raise_compiler_error("`row_count_anomaly` counts the whole table and takes no `where`") -}}
  {%- endif -%}
  {%- if measure not in ['rows', 'new_rows'] -%}
    {{- exceptions.raise_compiler_error("`measure` of `row_count_anomaly` is `" ~ measure ~ "`, not `rows` or `new_rows`") -}}
  {%- endif -%}
  {%- set relation = (model.schema ~ '.' ~ model.identifier) | replace("'", "''") -%}
  {%- set history %}
    select
        counted_at,
        n_rows {%- if measure == 'new_rows' %} - lag(n_rows) over (order by counted_at, run_id){% endif %} as measured
    from wh.row_counts
    where relation = '{{ relation }}' and run_id != '{{ invocation_id }}'
    order by counted_at desc, run_id desc
    limit {{ max_history }}
  {%- endset -%}
  {%- set n_before = run_query('select count(measured) as n from (' ~ history ~ ')') -%}
  {%- if execute and n_before.rows[0][0] < min_history -%}
    {%- do log('row_count_anomaly of ' ~ relation ~ ' passes: ' ~ n_before.rows[0][0] ~ ' of ' ~ min_history ~ ' runs to compare with', info=true) -%}
  {%- endif -%}
with history as (
    {{- history }}
),
centre as (
    select median(measured) as usual from history
),
spread as (
    select
        count(measured) as n_runs,
        any_value(usual) as usual,
        1.4826 * median(abs(measured - usual)) as deviation
    from history
    cross join centre
),
now as (
    select
        count(*) {%- if measure == 'new_rows' %} - (select n_rows from wh.row_counts where relation = '{{ relation }}' and run_id != '{{ invocation_id }}' order by counted_at desc, run_id desc limit 1){% endif %} as measured
    from {{ model }}
)
select
    now.measured as {{ measure }},
    spread.usual as usual_{{ measure }},
    round((now.measured - spread.usual) / nullif(spread.deviation, 0), 1) as deviations,
    spread.n_runs as runs_compared
from now
cross join spread
where spread.n_runs >= {{ min_history }}
    and abs(now.measured - spread.usual) > {{ sensitivity }} * spread.deviation
    and abs(now.measured - spread.usual) > {{ tolerance }} * abs(spread.usual)
{%- endtest %}
