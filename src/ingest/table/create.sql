-- Makes the table of a source anew, and the one beside it for records that cannot be loaded.
create schema if not exists {% if database %}{{ database | ident }}.{% endif %}{{ schema | ident }};
create or replace table {{ table }} (
    {% for column in columns -%}
    {{ column.name | ident }} {{ column.type }},
    {% endfor -%}
    _wh_file varchar,
    _wh_line bigint,
    _wh_loaded_at timestamptz
);
create or replace table {{ rejects }} (
    _wh_file varchar,
    _wh_line bigint,
    raw_text varchar,
    reason varchar,
    _wh_loaded_at timestamptz
)
