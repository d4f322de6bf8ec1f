-- Makes the table that holds a load's rows before values are cast and keys compared.
create or replace temp table {{ name | ident }} (
    {% for column in columns -%}
    {{ column.name | ident }} {{ column.type }},
    {% endfor -%}
    _wh_file varchar,
    _wh_line bigint,
    _wh_loaded_at timestamptz,
    _wh_raw varchar,
    _wh_position bigint
)
