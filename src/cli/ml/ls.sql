-- Lists what was trained, the champion of each model and its newest versions first.
select
    models.model,
    models.version,
    models.candidate,
    models.algorithm,
    case when models.is_champion then 'champion' else '' end as standing,
    metrics.metric,
    round(metrics.value, 4) as value,
    models.n_rows as "rows",
    strftime(models.trained_at::timestamp, '%Y-%m-%d %H:%M') as trained_at,
    models.data_version,
    models.sha256[:12] as sha256
from wh.ml_models as models
left join wh.ml_metrics as metrics
    on metrics.model = models.model and metrics.version = models.version and metrics.candidate = models.candidate
    and ((metrics.metric = 'roc_auc' and metrics.split = 'test') or metrics.metric = 'silhouette')
order by models.model, models.version desc, models.is_best desc nulls last, models.candidate
