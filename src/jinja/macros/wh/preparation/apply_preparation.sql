{#- Preparing columns by what was learnt from training rows. -#}

{#- Selects every row of `relation`, prepared: no value is missing, none is outside its limits, and there are columns for
    algorithms that know numbers only.

    relation     a relation: training rows, test rows, or new ones.
    parameters   the relation that `fit_preparation` made: ref('churn_preparation').
    numeric      list of columns; imputed, clipped, and scaled in `<column>_scaled`. They become doubles.
    categorical  list of columns; imputed, and encoded. They become text.
    impute       what stands for a missing number: 'median' or 'mean'. A missing level is the most frequent one.
    clip         limits of numbers: 'iqr' (the fences), 'quantile' (1st and 99th percentile) or none.
    scale        'standard' (mean 0, standard deviation 1), 'minmax' (0 to 1) or none for no scaled columns.
    one_hot      categorical columns that get a column `<column>_<level>` of 0 and 1 a level; all unless named, [] for none.
    label        categorical columns that get a column `<column>_label`: 0 for the first level in order, 1 for the second;
                 all unless named, [] for none.

    A level that no training row had is 0 in each one-hot column and -1 as a label. A column that was constant while
    training is 0 when scaled. -#}
{% macro apply_preparation(relation, parameters, numeric=[], categorical=[], impute='median', clip='iqr', scale='standard', one_hot=none, label=none) -%}
  {%- do preparation_choice('impute', impute, ['median', 'mean']) -%}
  {%- do preparation_choice('clip', clip, ['iqr', 'quantile', none]) -%}
  {%- do preparation_choice('scale', scale, ['standard', 'minmax', none]) -%}
  {%- set levels = preparation_levels(parameters) -%}
  {%- do preparation_known(parameters, levels, numeric, categorical) -%}
  {%- set lower, upper = ('q01', 'q99') if clip == 'quantile' else ('lower_fence', 'upper_fence') -%}
  {%- set center, width = ('min', 'max - min') if scale == 'minmax' else ('mean', 'sd') -%}
  {%- set fitted, imputed, clipped, added = [], [], [], [] -%}
  {%- for column in numeric -%}
    {%- set quoted = adapter.quote(column) -%}
    {%- do fitted.append(preparation_parameter(impute, column, 'fill')) -%}
    {%- do imputed.append('coalesce(cast(source.' ~ quoted ~ ' as double), ' ~ preparation_fitted(column, 'fill') ~ ') as ' ~ quoted) -%}
    {%- if clip -%}
      {%- do fitted.append(preparation_parameter(lower, column, 'lower')) -%}
      {%- do fitted.append(preparation_parameter(upper, column, 'upper')) -%}
      {%- do clipped.append('least(greatest(prepared.' ~ quoted ~ ', ' ~ preparation_fitted(column, 'lower') ~ '), ' ~ preparation_fitted(column, 'upper') ~ ') as ' ~ quoted) -%}
    {%- endif -%}
    {%- if scale -%}
      {%- do fitted.append(preparation_parameter(center, column, 'center')) -%}
      {%- do fitted.append(preparation_parameter(width, column, 'width')) -%}
      {%- do added.append('coalesce((prepared.' ~ quoted ~ ' - ' ~ preparation_fitted(column, 'center') ~ ') / nullif(' ~ preparation_fitted(column, 'width') ~ ', 0), 0) as ' ~ adapter.quote(column ~ '_scaled')) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- for column in categorical -%}
    {%- set quoted = adapter.quote(column) -%}
    {%- do fitted.append(preparation_parameter('mode', column, 'fill')) -%}
    {%- do imputed.append('coalesce(cast(source.' ~ quoted ~ ' as varchar), ' ~ preparation_fitted(column, 'fill') ~ ') as ' ~ quoted) -%}
  {%- endfor -%}
  {%- for column in (categorical if one_hot is none else one_hot) -%}
    {%- for level in levels.get(column, []) -%}
      {%- do added.append('case when prepared.' ~ adapter.quote(column) ~ ' = ' ~ level.literal ~ ' then 1 else 0 end as ' ~ adapter.quote(column ~ '_' ~ level.suffix)) -%}
    {%- endfor -%}
  {%- endfor -%}
  {%- for column in (categorical if label is none else label) if levels.get(column) -%}
    {%- set cases = [] -%}
    {%- for level in levels[column] -%}
      {%- do cases.append('when ' ~ level.literal ~ ' then ' ~ loop.index0) -%}
    {%- endfor -%}
    {%- do added.append('case prepared.' ~ adapter.quote(column) ~ ' ' ~ (cases | join(' ')) ~ ' else -1 end as ' ~ adapter.quote(column ~ '_label')) -%}
  {%- endfor -%}
with
fitted as (
    select
        {{ fitted | join(',\n        ') }}
    from {{ parameters }}
),
imputed as (
    select
        source.* replace (
            {{ imputed | join(',\n            ') }}
        )
    from {{ relation }} as source
    cross join fitted
)
  {%- if clipped -%}
,
clipped as (
    select
        prepared.* replace (
            {{ clipped | join(',\n            ') }}
        )
    from imputed as prepared
    cross join fitted
)
  {%- endif %}
select
    {{ (['prepared.*'] + added) | join(',\n    ') }}
from {{ 'clipped' if clipped else 'imputed' }} as prepared
cross join fitted
{%- endmacro %}

{#- Reads one parameter of one column out of the parameters' rows. -#}
{% macro preparation_parameter(expression, column, name) -%}
any_value({{ expression }}) filter (column_name = '{{ column | replace("'", "''") }}') as {{ adapter.quote(column ~ ' ' ~ name) }}
{%- endmacro %}

{#- A parameter of a column, as the columns of `fitted` are called. -#}
{% macro preparation_fitted(column, name) -%}
fitted.{{ adapter.quote(column ~ ' ' ~ name) }}
{%- endmacro %}

{#- Returns the levels of each fitted column in order, each as a literal and as the end of a column's name: {column: [{literal, suffix}]}.
    Of levels that would end alike, such as 'No' and 'no', the second ends in `_2`. Empty while templates are parsed. -#}
{% macro preparation_levels(parameters) %}
  {%- set found = {} -%}
  {%- if execute -%}
    {%- set named_levels -%}
with
fitted as (
    select
        column_name,
        unnest(levels) as level,
        generate_subscripts(levels, 1) as position
    from {{ parameters }}
),
named as (
    select
        *,
        coalesce(nullif(trim(regexp_replace(lower(level), '[^\p{L}\p{N}]+', '_', 'g'), '_'), ''), 'blank') as suffix
    from fitted
)
select
    column_name,
    '''' || replace(level, '''', '''''') || '''' as literal,
    suffix,
    row_number() over (partition by column_name, suffix order by position) as nth
from named
order by column_name, position
    {%- endset -%}
    {%- for row in run_query('select distinct column_name from ' ~ parameters) -%}
      {%- do found.update({row['column_name']: []}) -%}
    {%- endfor -%}
    {%- for row in run_query(named_levels) -%}
      {%- do found[row['column_name']].append({
        'literal': row['literal'],
        'suffix': row['suffix'] if row['nth'] == 1 else row['suffix'] ~ '_' ~ row['nth'],
      }) -%}
    {%- endfor -%}
  {%- endif -%}
  {%- do return(found) -%}
{% endmacro %}

{#- Refuses columns that were not fitted. -#}
{% macro preparation_known(parameters, levels, numeric, categorical) %}
  {%- if not numeric and not categorical -%}
    {%- do exceptions.raise_compiler_error('a preparation of no columns: name them in `numeric` or `categorical`') -%}
  {%- endif -%}
  {%- for column in numeric + categorical if execute and column not in levels -%}
    {%- do exceptions.raise_compiler_error('`' ~ column ~ '` is not among the fitted columns of ' ~ parameters ~ ': name it in `fit_preparation` too') -%}
  {%- endfor -%}
{% endmacro %}

{#- Refuses an option that is none of those known. -#}
{% macro preparation_choice(option, value, known) %}
  {%- if value not in known -%}
    {%- do exceptions.raise_compiler_error('`' ~ option ~ '` is `' ~ value ~ '`, where one of these belongs: ' ~ (known | map('string') | join(', ') | lower)) -%}
  {%- endif -%}
{% endmacro %}
