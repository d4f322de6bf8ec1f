-- The labels with what was known of each customer on the label's date, and no later.
{{ training_set(
    labels=ref('churn_labels'),
    entity='customer_id',
    timestamp='label_date',
    features=['customer_profile:*', 'customer_activity:*']
) }}
