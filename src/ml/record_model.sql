-- Records a trained model. $1 model, $2 algorithm (text), $3 rows, $4 seed (integers), $5 parameters (JSON), $6 when (UTC, µs).
insert into wh.ml_models (model, algorithm, n_rows, seed, params, trained_at)
values ($1, $2, $3, $4, $5, $6)
