-- Makes one candidate of one version the champion, and no other. $1 model, $2 version (integer), $3 candidate (text).
update wh.ml_models
set is_champion = (version = $2 and candidate = $3)
where model = $1
