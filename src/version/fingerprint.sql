-- Counts the rows of a range, and fingerprints them whatever their order: two sums over independent hashes, and the
-- version that hashes. table; range (condition); columns (name, has_equal_variants, is_float).
{%- macro variants() %}
{%- for column in columns if column.has_equal_variants %}
, {% if column.is_float %}signbit({{ column.name | ident }}){% else %}cast({{ column.name | ident }} as varchar){% endif %}
{%- endfor %}
{%- endmacro %}
select
    count(*) as n_rows,
    concat_ws(
        ':',
        version(),
        sum(hash({% for column in columns %}{{ column.name | ident }}, {% endfor %}1{{ variants() }})),
        sum(hash(2{{ variants() }}{% for column in columns | reverse %}, {{ column.name | ident }}{% endfor %}))
    ) as fingerprint
from {{ table }}
where {{ range }}
