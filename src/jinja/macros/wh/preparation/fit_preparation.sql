{#- Learning from training rows how columns are prepared. -#}

{#- Selects what `apply_preparation` needs, a row a column; make it a table, so that everybody can read it.

    relation     a relation: ref('customers_split').
    numeric      list of columns that hold numbers.
    categorical  list of columns that hold levels: text, truth values, codes.
    where        the rows to learn from. What the others hold has no influence.

    Columns of the result:
      column_name, kind            'numeric' or 'categorical'
      n_rows, n_missing            training rows, and those of them without a value
      median, mean, sd, min, max   of the values; sd divides by n, as scikit-learn's StandardScaler does; added up in
                                   order, so that the same rows give the same bits
      q01, q99                     the 1st and 99th percentile
      lower_fence, upper_fence     1.5 interquartile ranges below the first and above the third quartile (Tukey 1977)
      mode                         the most frequent value as text; the first in order of those equally frequent
      levels                       a categorical column's values in order -#}
{% macro fit_preparation(relation, numeric=[], categorical=[], where="split = 'train'") -%}
  {%- if not numeric and not categorical -%}
    {%- do exceptions.raise_compiler_error('a preparation of no columns: name them in `numeric` or `categorical`') -%}
  {%- endif -%}
with
training as (
    select *
    from {{ relation }}
  {%- if where %}
    where {{ where }}
  {%- endif %}
)
  {%- for column in numeric %}
{{ 'union all' if not loop.first }}
select
    '{{ column | replace("'", "''") }}' as column_name,
    'numeric' as kind,
    count(*) as n_rows,
    count(*) - count(value) as n_missing,
    quantile_cont(value, 0.5) as median,
    avg(value order by value) as mean,
    stddev_pop(value order by value) as sd,
    min(value) as min,
    max(value) as max,
    quantile_cont(value, 0.01) as q01,
    quantile_cont(value, 0.99) as q99,
    2.5 * quantile_cont(value, 0.25) - 1.5 * quantile_cont(value, 0.75) as lower_fence,
    2.5 * quantile_cont(value, 0.75) - 1.5 * quantile_cont(value, 0.25) as upper_fence,
    {{ most_frequent(column) }} as mode,
    cast(null as varchar[]) as levels
from (select cast({{ adapter.quote(column) }} as double) as value from training)
  {%- endfor %}
  {%- for column in categorical %}
{{ 'union all' if numeric or not loop.first }}
select
    '{{ column | replace("'", "''") }}' as column_name,
    'categorical' as kind,
    count(*) as n_rows,
    count(*) - count(value) as n_missing,
    {% for name in ['median', 'mean', 'sd', 'min', 'max', 'q01', 'q99', 'lower_fence', 'upper_fence'] -%}
    cast(null as double) as {{ name }},
    {% endfor -%}
    {{ most_frequent(column) }} as mode,
    list_sort(list(distinct value) filter (value is not null)) as levels
from (select cast({{ adapter.quote(column) }} as varchar) as value from training)
  {%- endfor %}
{%- endmacro %}

{#- The most frequent value of a column of `training`, as text. -#}
{% macro most_frequent(column) -%}
(
        select cast({{ adapter.quote(column) }} as varchar)
        from training
        where {{ adapter.quote(column) }} is not null
        group by {{ adapter.quote(column) }}
        order by count(*) desc, {{ adapter.quote(column) }}
        limit 1
    )
{%- endmacro %}
