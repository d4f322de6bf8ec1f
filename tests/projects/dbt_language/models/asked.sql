{% set found = run_query('select 7 as n, \'x\' as word union all select 8, \'y\' order by n') -%}
select
    '{{ found.column_names | join(",") if execute }}' as names,
    '{{ found.columns[0].values() | join(",") if execute }}' as first_column,
    '{% if execute %}{% for row in found %}{{ row.word }}{{ row[0] }}{% if not loop.last %},{% endif %}{% endfor %}{% endif %}' as cells,
    {{ found.rows[-1]['n'] if execute else 0 }} as last_n,
    {{ found | length if execute else 0 }} as n_rows
