-- The features of today's customers, for scoring.
{{ training_set(
    labels=ref('churn_active_customers'),
    entity='customer_id',
    timestamp='as_of',
    features=['customer_profile:*', 'customer_activity:*']
) }}
