-- Removes the rows whose keys are staged.
delete from {{ table }} as old
using (
    select distinct {% for key in keys %}cast({{ key.name | ident }} as {{ key.type }}) as {{ key.name | ident }}{{ ", " if not loop.last }}{% endfor %}
    from {{ stage }}
    where {{ reason }} is null
) as new
where {% for key in keys %}old.{{ key.name | ident }} = new.{{ key.name | ident }}{{ " and " if not loop.last }}{% endfor %}
