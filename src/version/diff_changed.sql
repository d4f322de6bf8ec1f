-- Returns rows that have other values under the same key, as text: all columns before, then all after. columns; key; n_rows.
select
    {% for name in columns %}cast(removed.{{ name | ident }} as varchar) as {{ ("before " ~ loop.index) | ident }}, {% endfor %}
    {% for name in columns %}cast(added.{{ name | ident }} as varchar) as {{ ("after " ~ loop.index) | ident }}{{ ", " if not loop.last }}{% endfor %}
from wh_diff_removed as removed
join wh_diff_added as added on {% for name in key %}removed.{{ name | ident }} = added.{{ name | ident }}{{ " and " if not loop.last }}{% endfor %}
order by {% for name in key %}removed.{{ name | ident }}{{ ", " if not loop.last }}{% endfor %}
limit {{ n_rows }}
