-- The ROC curve of every candidate of a version, thinned to some 200 points each. $1 the model, $2 the version.
select candidate, false_positive_rate, true_positive_rate
from (
    select *, row_number() over (partition by candidate order by point) as place, count(*) over (partition by candidate) as n
    from wh.ml_curves
    where model = $1 and version = $2
)
where place = 1 or place = n or place % greatest(1, n // 200) = 0
order by candidate, false_positive_rate, true_positive_rate
