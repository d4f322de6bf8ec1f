-- Records how good a model of one version is on the rows it learnt from. $1 model, $2 metric (text), $3 value (number), $4 algorithm (text).
insert into wh.ml_metrics (model, metric, value, version, candidate, split)
values ($1, $2, $3, 1, $4, 'train')
