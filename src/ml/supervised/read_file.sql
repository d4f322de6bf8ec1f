-- Makes a temporary table of a file's rows in their order. path: the file; kind: csv, json or parquet.
create or replace temp table "wh rows" as
select *, row_number() over () as "wh row"
from {% if kind == "csv" %}read_csv({{ path | literal }}, all_varchar = true){% elif kind == "json" %}read_json({{ path | literal }}){% else %}read_parquet({{ path | literal }}){% endif %}
