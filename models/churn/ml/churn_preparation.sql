-- What is needed to impute, clip, scale and encode; learnt from training rows only.
{{ fit_preparation(
    ref('churn_examples'),
    numeric=churn_numeric(),
    categorical=churn_categorical(),
    where="split = 'train'"
) }}
