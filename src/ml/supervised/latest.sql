-- Returns version, fingerprint and acceptance of a model's newest version, and the name of its best candidate. $1 model (text).
select version, fingerprint, coalesce(is_accepted, false) as is_accepted, candidate
from wh.ml_models
where model = $1 and fingerprint is not null and is_best
order by version desc
limit 1
