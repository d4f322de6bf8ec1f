-- The registry of models, newest version first. $1 a model, or NULL for all.
select
    model, version, candidate, algorithm, coalesce(is_champion, false) as is_champion, coalesce(is_best, false) as is_best,
    is_accepted, target, positive, n_rows, n_train, n_test, seed, data_version, params::varchar as params,
    epoch_us(trained_at) as trained_at, sha256, size_bytes
from wh.ml_models
where $1::varchar is null or model = $1::varchar
order by model, version desc, candidate
