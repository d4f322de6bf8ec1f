-- The candidates of the newest version on the test rows.
select candidate, metric, value
from wh.ml_metrics
where model = 'churn_scores' and split = 'test'
order by metric, candidate
