-- Shows the predictions of a file in its order, beside the columns that are no features. others: their names.
select {% for name in others %}found.{{ name | ident }}, {% endfor %}predictions.* exclude ("wh row")
from "wh predictions" as predictions
inner join "wh rows" as found using ("wh row")
order by "wh row"
