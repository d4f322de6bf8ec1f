-- The training set in two parts, with the same share of leavers in each.
{{ stratified_split(ref('churn_training_set'), key='customer_id', by='churned', test_share=0.2, seed=42) }}
