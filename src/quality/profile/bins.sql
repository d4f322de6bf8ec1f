-- Counts values in bins of one width, and sums up each class, in one scan. numbers: name, value, low and high of each column.
create or replace temp table profile_numbers as
with counted as (
    select
        _wh_split as split,
        [
            {%- for number in numbers %}
            {
                'column_name': {{ number.name | literal }},
                'n_known': count({{ number.value }}),
                'mean': avg({{ number.value }}),
                'sd': stddev_samp({{ number.value }}),
                'lowest': min({{ number.value }}),
                'highest': max({{ number.value }}),
                'quartiles': quantile_cont({{ number.value }}, [0.25, 0.5, 0.75]),
                'bins': map_entries(histogram({{ number.value }}, equi_width_bins({{ number.low }}::double, {{ number.high }}::double, 20, true)))
            }{% if not loop.last %},{% endif %}
            {%- endfor %}
        ] as found
    from profile_data
    group by _wh_split
)
select split, unnest(found, max_depth := 2)
from counted
