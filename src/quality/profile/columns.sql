-- Sums up each column, in one scan. columns: name, type, kind and value (an expression of a number, or none) of each.
create or replace temp table profile_columns as
with counted as (
    select
        count(*) as n_rows,
        [
            {%- for column in columns %}
            {
                'position': {{ loop.index }},
                'column_name': {{ column.name | literal }},
                'data_type': {{ column.data_type | literal }},
                'kind': {{ column.kind | literal }},
                'n_missing': count(*) - count({{ column.name | ident }}),
                'n_distinct': count(distinct {{ column.name | ident }}),
                'minimum': {% if column.is_ordered %}min({{ column.name | ident }})::varchar{% else %}null::varchar{% endif %},
                'maximum': {% if column.is_ordered %}max({{ column.name | ident }})::varchar{% else %}null::varchar{% endif %},
                {%- if column.kind == 'number' %}
                'low': min({{ column.value }}),
                'high': max({{ column.value }}),
                'mean': avg({{ column.value }}),
                'sd': stddev_samp({{ column.value }}),
                'quartiles': quantile_cont({{ column.value }}, [0.25, 0.5, 0.75])
                {%- else %}
                'low': null::double, 'high': null::double, 'mean': null::double, 'sd': null::double, 'quartiles': null::double[]
                {%- endif %}
            }{% if not loop.last %},{% endif %}
            {%- endfor %}
        ] as found
    from profile_data
)
select n_rows, unnest(found, recursive := true)
from counted
