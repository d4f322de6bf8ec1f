-- Today's customers prepared with what was learnt from the training rows.
{{ apply_preparation(
    ref('churn_current_features'),
    ref('churn_preparation'),
    numeric=churn_numeric(),
    categorical=churn_categorical(),
    clip='quantile'
) }}
