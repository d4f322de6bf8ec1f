-- Compares the candidates of one version, the best first. model: its name; version: its number.
with
measures as (
    select
        candidate,
        metric,
        avg(value) filter (split = 'validation') as cv_mean,
        stddev_samp(value) filter (split = 'validation') as cv_sd,
        avg(value) filter (split = 'test') as test
    from wh.ml_metrics
    where model = {{ model | literal }} and version = {{ version }}
    group by candidate, metric
)
select
    models.candidate,
    case when models.is_champion then 'champion' when models.is_best then 'best' else '' end as standing,
    {% for metric in metrics %}
    max(printf('%.4f ± %.4f', cv_mean, coalesce(cv_sd, 0))) filter (metric = {{ metric | literal }}) as {{ ("cv_" ~ metric) | ident }},
    max(round(test, 4)) filter (metric = {{ metric | literal }}) as {{ ("test_" ~ metric) | ident }}{{ "," if not loop.last }}
    {% endfor %}
from wh.ml_models as models
inner join measures using (candidate)
where models.model = {{ model | literal }} and models.version = {{ version }}
group by all
order by standing desc, models.candidate
