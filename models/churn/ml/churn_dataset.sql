-- The examples without holes and outliers, with scaled and encoded columns beside the plain ones.
{{ apply_preparation(
    ref('churn_examples'),
    ref('churn_preparation'),
    numeric=churn_numeric(),
    categorical=churn_categorical(),
    clip='quantile'
) }}
