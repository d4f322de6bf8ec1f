-- Writes a query's rows to a CSV file. query, target (path), header (bool), delimiter, null (text), compression (word).
copy (
{{ query }}
) to {{ target | literal }} (
    format csv, header {{ header }}, delimiter {{ delimiter | literal }}, nullstr {{ null | literal }},
    compression {{ compression }}, use_tmp_file false
)
