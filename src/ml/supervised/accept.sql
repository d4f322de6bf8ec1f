-- Notes that a version has passed its gates. $1 model, $2 version (integer).
update wh.ml_models
set is_accepted = true
where model = $1 and version = $2
