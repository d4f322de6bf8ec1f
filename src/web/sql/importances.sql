-- What the candidates of a version look at, the most important first. $1 the model, $2 the version, $3 the candidate.
select feature, kind, importance
from wh.ml_importances
where model = $1 and version = $2 and candidate = $3
order by kind, abs(importance) desc, feature
