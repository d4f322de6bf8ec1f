-- The clusters of a model: sizes and centres. $1 the model.
select cluster, label, size, feature, center from wh.ml_clusters where model = $1 order by cluster, feature
