-- How good models are: values, and for folds their mean and spread. $1 a model, or NULL for all.
select
    model, version, candidate, metric, split, fold is not null as is_of_folds, avg(value) as value,
    stddev_samp(value) as spread, count(*) as n
from wh.ml_metrics
where $1::varchar is null or model = $1::varchar
group by all
order by model, version desc, candidate, metric, split
