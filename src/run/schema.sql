-- Makes a schema, unless it is there. schema: its name; database: an attached database, or none.
create schema if not exists {% if database %}{{ database | ident }}.{% endif %}{{ schema | ident }}
