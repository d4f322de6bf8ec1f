-- Correlates each pair of columns (Pearson), in one scan. numbers: name and value of each, at least two.
create or replace temp table profile_correlations as
with correlated as (
    select [
        {%- for a in numbers %}{% set outer = loop.index %}{% for b in numbers %}{% if loop.index < outer %}
        {'position_a': {{ outer }}, 'a': {{ a.name | literal }}, 'position_b': {{ loop.index }}, 'b': {{ b.name | literal }}, 'r': corr({{ a.value }}, {{ b.value }})},
        {%- endif %}{% endfor %}{% endfor %}
        null
    ] as found
    from profile_data
)
select * from (
    select unnest(found, recursive := true)
    from correlated
)
where a is not null and isfinite(r)
