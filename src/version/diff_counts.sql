-- Counts the rows that went, came, and have other values under the same key. key (columns, or none).
with
changed as (
    select count(*) as n
    from {% if key %}wh_diff_added semi join wh_diff_removed using ({% for name in key %}{{ name | ident }}{{ ", " if not loop.last }}{% endfor %}){% else %}wh_diff_added where false{% endif %}
)
select
    (select count(*) from wh_diff_removed) - n as removed,
    (select count(*) from wh_diff_added) - n as added,
    n as changed
from changed
