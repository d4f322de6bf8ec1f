-- Sets one of DuckDB's settings. name; value: its text.
set {{ name | ident }} = {{ value | literal }};
