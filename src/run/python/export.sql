-- Writes a relation to a Parquet file for a program. relation: its quoted name; columns: name, and whether it travels as text.
copy (
    select
    {%- for column in columns %}
        {% if column.as_text %}cast({{ column.name | ident }} as varchar) as {% endif %}{{ column.name | ident }}
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
    from {{ relation }}
) to {{ file | literal }} (format parquet)
