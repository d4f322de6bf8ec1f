-- Forgets what an earlier training wrote to wh.ml_metrics. $1 model (text).
delete from wh.ml_metrics where model = $1
