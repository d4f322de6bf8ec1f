{#- A table of what Jinja made of each case: [(what, value), …]. -#}
{% macro said(cases) -%}
select * from (
    values
    {%- for what, value in cases %}
    ('{{ what }}', '{{ value | string | replace("'", "''") }}'){{ "," if not loop.last }}
    {%- endfor %}
) as cases (what, said)
{%- endmacro %}
