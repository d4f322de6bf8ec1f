{{ training_set(
    labels=ref('asked'),
    entity=['the shop', 'customer', 'id'],
    timestamp='when?',
    features=['visit features:price', 'visit features:*', 'empty'],
    full_feature_names=true,
) }}
