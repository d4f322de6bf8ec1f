-- Shows one version of a model: what it is, its measures, its confusion, and the columns that matter most. model: its name; version: its number.
select
    candidate, algorithm, is_champion as champion, n_train as train_rows, n_test as test_rows, target, positive, data_version,
    strftime(trained_at::timestamp, '%Y-%m-%d %H:%M:%S') as trained_at, size_bytes, params, sha256
from wh.ml_models
where model = {{ model | literal }} and version = {{ version }}
order by is_best desc nulls last, candidate;
select
    candidate,
    metric,
    round(avg(value) filter (split = 'validation'), 4) as cv_mean,
    round(stddev_samp(value) filter (split = 'validation'), 4) as cv_sd,
    round(avg(value) filter (split <> 'validation'), 4) as test
from wh.ml_metrics
where model = {{ model | literal }} and version = {{ version }}
group by candidate, metric
order by candidate, metric;
select candidate, actual, predicted, n_rows as "rows"
from wh.ml_confusion
where model = {{ model | literal }} and version = {{ version }}
order by candidate, actual, predicted;
select candidate, feature, kind, round(importance, 4) as importance
from wh.ml_importances
where model = {{ model | literal }} and version = {{ version }}
qualify row_number() over (partition by candidate order by abs(importance) desc, feature) <= 10
order by candidate, abs(importance) desc, feature
