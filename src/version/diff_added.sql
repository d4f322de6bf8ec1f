-- Gathers the rows that were not there before. before, after (queries in brackets); columns (name, as_text).
{%- macro selected() %}
select {% for column in columns %}{% if column.as_text %}cast({{ column.name | ident }} as varchar) as {% endif %}{{ column.name | ident }}{{ ", " if not loop.last }}{% endfor %}
{%- endmacro %}
create or replace temp table wh_diff_added as
{{ selected() }} from {{ after }} as own
except all
{{ selected() }} from {{ before }} as other
