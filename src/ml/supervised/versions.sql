-- Returns versions and candidates of a model, the newest version and its best candidate first. $1 model (text).
select version, candidate
from wh.ml_models
where model = $1 and fingerprint is not null
order by version desc, is_best desc, candidate
