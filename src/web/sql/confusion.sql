-- How often a candidate of a version predicted what was what. $1 the model, $2 the version, $3 the candidate.
select actual, predicted, n_rows
from wh.ml_confusion
where model = $1 and version = $2 and candidate = $3
order by actual, predicted
