{#-
    A date as DATE, read by its shape and never guessed: `31-12-2024` is day first, `12/31/2024` month first,
    `2024-12-31` and `2024/12/31` year first. Any other text, and a day that does not exist, is NULL.
-#}
{% macro parse_date_by_shape(column) -%}
    case
        when length({{ column }}) = 10
        then cast(try_strptime({{ column }}, ['%d-%m-%Y', '%m/%d/%Y', '%Y-%m-%d', '%Y/%m/%d']) as date)
    end
{%- endmacro %}
