-- Loads a CSV file of the project as a table. relation: quoted; path, delimiter: text; types: list of (column, SQL type).
create or replace table {{ relation }} as
select * from read_csv(
    {{ path | literal }},
    header = true,
    delim = {{ delimiter | literal }}
    {%- if types %},
    types = { {%- for name, type in types %}{{ name | literal }}: {{ type | literal }}{% if not loop.last %}, {% endif %}{% endfor -%} }
    {%- endif %}
)
