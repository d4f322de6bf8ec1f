-- Says why a staged row cannot be loaded; NULL when it can. An expression, part of the statements beside it.
case
    {%- for column in declared %}
    when {{ column.name | ident }} is not null and (
        try_cast({{ column.name | ident }} as {{ column.type }}) is null
        {%- if column.type in ["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"] %}
        or contains({{ column.name | ident }}, '.')
            and try_cast({{ column.name | ident }} as double) <> try_cast({{ column.name | ident }} as {{ column.type }})::double
        {%- endif %}
    )
        then '`' || {{ column.name | ident }} || '` of column ' || {{ column.name | literal }} || ' is no ' || {{ column.type | literal }}
    {%- endfor %}
    {%- for key in keys %}
    when {{ key.name | ident }} is null then 'no value of the primary key ' || {{ key.name | literal }}
    {%- endfor %}
    when false then ''
end
