-- Makes temporary views of what a report shows of the version in ml_chosen.
create or replace temp view ml_report_candidates as
select models.*
from wh.ml_models as models
semi join ml_chosen using (model, version);
create or replace temp view ml_report_measures as
select
    metrics.candidate,
    models.is_best,
    metrics.metric,
    avg(metrics.value) filter (metrics.split = 'validation') as cv_mean,
    stddev_samp(metrics.value) filter (metrics.split = 'validation') as cv_sd,
    avg(metrics.value) filter (metrics.split = 'test') as test
from wh.ml_metrics as metrics
semi join ml_chosen using (model, version)
inner join ml_report_candidates as models using (candidate)
group by all;
create or replace temp view ml_report_table as
select
    candidate || case when is_best then ' (best)' else '' end as candidate,
    case metric when 'roc_auc' then 'ROC AUC' when 'f1' then 'F1' when 'log_loss' then 'log loss' else metric end as measure,
    case
        when cv_mean is null then '–'
        else printf('%.4f ± %.4f', cv_mean, coalesce(cv_sd, 0))
    end as cross_validation,
    coalesce(printf('%.4f', test), '–') as test
from ml_report_measures
order by array_position(['roc_auc', 'accuracy', 'precision', 'recall', 'f1', 'log_loss'], metric), is_best desc, candidate;
create or replace temp view ml_report_curves as
select curves.candidate, curves.false_positive_rate, max(curves.true_positive_rate) as true_positive_rate
from wh.ml_curves as curves
semi join ml_chosen using (model, version)
group by all
union all
select 'by chance' as candidate, step / 100 as false_positive_rate, step / 100 as true_positive_rate
from range(101) as steps(step)
order by all;
create or replace temp view ml_report_importances as
select importances.candidate, importances.feature, importances.kind, importances.importance, models.is_best
from wh.ml_importances as importances
semi join ml_chosen using (model, version)
inner join ml_report_candidates as models using (candidate)
qualify row_number() over (partition by importances.candidate order by abs(importance) desc, feature) <= 15
order by is_best desc, candidate, abs(importance) desc, feature;
create or replace temp view ml_report_confusion as
select
    confusion.candidate,
    confusion.actual,
    confusion.predicted,
    confusion.n_rows,
    confusion.n_rows / sum(confusion.n_rows) over (partition by confusion.candidate, confusion.actual) as share
from wh.ml_confusion as confusion
semi join ml_chosen using (model, version)
order by candidate, actual, predicted;
create or replace temp view ml_report_params as
select candidate, algorithm, params::varchar as params, seed, size_bytes, sha256
from ml_report_candidates
order by is_best desc, candidate;
create or replace temp view ml_report_preprocessing as
select preprocessing.feature, preprocessing.step, preprocessing.parameter, preprocessing.value
from wh.ml_preprocessing as preprocessing
semi join ml_chosen using (model, version)
where preprocessing.step = 'clip' or (preprocessing.step = 'impute' and preprocessing.feature in (
    select feature from wh.ml_preprocessing semi join ml_chosen using (model, version) where parameter = 'missing rows'
))
order by all
