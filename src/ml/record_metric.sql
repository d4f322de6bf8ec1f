-- Records how good a model is. $1 model, $2 metric (text), $3 value (number).
insert into wh.ml_metrics (model, metric, value)
values ($1, $2, $3)
