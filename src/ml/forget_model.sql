-- Forgets what an earlier training wrote to wh.ml_models. $1 model (text).
delete from wh.ml_models where model = $1
