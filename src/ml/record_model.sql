-- Records a trained model of one version. $1 model, $2 algorithm (text), $3 rows, $4 seed (integers), $5 parameters (JSON), $6 when (UTC, µs), $7 version of the data (text or NULL).
insert into wh.ml_models (model, algorithm, n_rows, seed, params, trained_at, version, candidate, is_champion, data_version)
values ($1, $2, $3, $4, $5, $6, 1, $2, true, $7)
