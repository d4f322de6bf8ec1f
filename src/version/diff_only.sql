-- Returns rows of one side that have no counterpart of the same key on the other, as text. own, other (removed, added); columns; key (or none); n_rows.
select {% for name in columns %}cast({{ name | ident }} as varchar) as {{ name | ident }}{{ ", " if not loop.last }}{% endfor %}
from wh_diff_{{ own }} as own
{%- if key %}
anti join wh_diff_{{ other }} as other using ({% for name in key %}{{ name | ident }}{{ ", " if not loop.last }}{% endfor %})
{%- endif %}
order by all
limit {{ n_rows }}
