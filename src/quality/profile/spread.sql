-- Makes the bins and boxes of each column and class; whiskers reach to the last value within 1.5 interquartile ranges. numbers: name and value of each column.
create or replace temp table profile_bins as
with bins as (
    select split, column_name, n_known, unnest(bins) as bin
    from profile_numbers
),
edges as (
    select split, column_name, n_known, bin['key'] as upper, bin['value'] as n
    from bins
),
widths as (
    select column_name, min(upper - below) as width
    from (
        select distinct column_name, upper, lag(upper) over (partition by column_name order by upper) as below
        from (select distinct column_name, upper from edges)
    )
    group by column_name
)
select
    edges.column_name,
    edges.split,
    edges.upper - coalesce(widths.width, 1) as low,
    edges.upper as high,
    edges.n,
    edges.n / edges.n_known as share
from edges
join widths on edges.column_name = widths.column_name
where edges.n_known > 0 and isfinite(edges.upper);

create or replace temp table profile_boxes as
with whiskers as (
    {%- for number in numbers %}
    select
        numbers.column_name,
        numbers.split,
        min({{ number.value }}) filter ({{ number.value }} >= quartiles[1] - 1.5 * (quartiles[3] - quartiles[1])) as low,
        max({{ number.value }}) filter ({{ number.value }} <= quartiles[3] + 1.5 * (quartiles[3] - quartiles[1])) as high,
        count(*) filter (
            {{ number.value }} < quartiles[1] - 1.5 * (quartiles[3] - quartiles[1])
            or {{ number.value }} > quartiles[3] + 1.5 * (quartiles[3] - quartiles[1])
        ) as n_outliers
    from profile_data
    join profile_numbers as numbers
        on profile_data._wh_split = numbers.split and numbers.column_name = {{ number.name | literal }}
    group by numbers.column_name, numbers.split
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
)
select
    numbers.column_name,
    numbers.split,
    numbers.n_known,
    numbers.mean,
    numbers.sd,
    least(whiskers.low, quartiles[1]) as low,
    quartiles[1] as q1,
    quartiles[2] as median,
    quartiles[3] as q3,
    greatest(whiskers.high, quartiles[3]) as high,
    whiskers.n_outliers
from profile_numbers as numbers
join whiskers on numbers.column_name = whiskers.column_name and numbers.split = whiskers.split
where numbers.n_known > 0
