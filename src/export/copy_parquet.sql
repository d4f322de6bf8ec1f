-- Writes a query's rows to a Parquet file. query, target (path), compression (word).
copy (
{{ query }}
) to {{ target | literal }} (format parquet, compression {{ compression }}, use_tmp_file false)
