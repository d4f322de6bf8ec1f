-- Returns what is to be said first in a report.
select candidate as best, algorithm, target, positive, n_train as train_rows, n_test as test_rows, coalesce(data_version, '–') as data_version, strftime(trained_at::timestamp, '%Y-%m-%d %H:%M') as trained_at
from ml_report_candidates
where is_best
