-- Gathers the rows that are not there any more. before, after (queries in brackets); columns (name, as_text).
{%- macro selected() %}
select {% for column in columns %}{% if column.as_text %}cast({{ column.name | ident }} as varchar) as {% endif %}{{ column.name | ident }}{{ ", " if not loop.last }}{% endfor %}
{%- endmacro %}
create or replace temp table wh_diff_removed as
{{ selected() }} from {{ before }} as own
except all
{{ selected() }} from {{ after }} as other
