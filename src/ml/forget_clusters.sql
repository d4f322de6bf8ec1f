-- Forgets what an earlier training wrote to wh.ml_clusters. $1 model (text).
delete from wh.ml_clusters where model = $1
