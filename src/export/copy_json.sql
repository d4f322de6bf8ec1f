-- Writes a query's rows as JSON. query, target (path), array (bool: one array, or an object a line), compression (word).
copy (
{{ query }}
) to {{ target | literal }} (format json, array {{ array }}, compression {{ compression }}, use_tmp_file false)
