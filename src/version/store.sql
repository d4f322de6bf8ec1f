-- Writes the rows of a range in an order that their values alone decide, so that the same rows give the same bytes.
-- table; range (condition); columns (name, stored: type or none, has_equal_variants, is_float); lead (column or none); target (path).
copy (
    select
        {%- for column in columns %}
        {% if column.stored is none %}{{ column.name | ident }}{% else %}cast({{ column.name | ident }} as {{ column.stored }}) as {{ column.name | ident }}{% endif %}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ table }} as stored
    where {{ range }}
    order by
        {% if lead is not none %}stored.{{ lead | ident }} nulls first,{% endif %}
        {%- for column in columns %}
        stored.{{ column.name | ident }} nulls first{{ "," if not loop.last }}
        {%- endfor %}
        {%- for column in columns if column.has_equal_variants %}
        , {% if column.is_float %}signbit(stored.{{ column.name | ident }}){% else %}cast(stored.{{ column.name | ident }} as varchar){% endif %}
        {%- endfor %}
) to {{ target | literal }} (format parquet, compression zstd, use_tmp_file false)
