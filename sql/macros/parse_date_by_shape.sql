{#-
    A date as DATE, read by its shape and never guessed: `31-12-2024` and `31.12.2024` are day first, `12/31/2024` month first,
    `2024-12-31` and `2024/12/31` year first. Any other text, and a day that does not exist, is NULL.
    One format a shape, since a format that does not fit costs far more than one that does.
-#}
{% macro parse_date_by_shape(column) -%}
    cast(case
        when length({{ column }}) <> 10 then null
        when {{ column }}[3] = '-' then try_strptime({{ column }}, '%d-%m-%Y')
        when {{ column }}[3] = '.' then try_strptime({{ column }}, '%d.%m.%Y')
        when {{ column }}[3] = '/' then try_strptime({{ column }}, '%m/%d/%Y')
        when {{ column }}[5] = '-' then try_strptime({{ column }}, '%Y-%m-%d')
        when {{ column }}[5] = '/' then try_strptime({{ column }}, '%Y/%m/%d')
    end as date)
{%- endmacro %}
