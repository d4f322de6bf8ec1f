-- Returns a candidate's values by measure: of the test rows, or the mean over the folds where there are none. $1 model, $2 version (integer), $3 candidate (text).
select metric, coalesce(avg(value) filter (split = 'test'), avg(value)) as value
from wh.ml_metrics
where model = $1 and version = $2 and candidate = $3
group by metric
order by metric
