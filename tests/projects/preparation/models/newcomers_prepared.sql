{{ apply_preparation(
    ref('newcomers'),
    parameters=ref('preparation'),
    numeric=['tenure', 'charge'],
    categorical=['contract', 'internet'],
    impute='mean',
    clip='quantile',
    scale='minmax',
) }}
