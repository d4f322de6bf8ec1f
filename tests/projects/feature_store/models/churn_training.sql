{{ training_set(
    labels=ref('churn_labels'),
    entity='customer_id',
    timestamp='label_date',
    features=['customer_activity:*', 'customer_support:n_tickets'],
) }}
