-- Returns version, candidate and bytes of a model's champion. $1 model (text).
select models.version, models.candidate, artifacts.bytes, models.features, models.target
from wh.ml_models as models
inner join wh.ml_artifacts as artifacts using (model, version, candidate)
where models.model = $1 and models.is_champion
