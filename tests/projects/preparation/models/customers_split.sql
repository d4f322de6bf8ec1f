{{ stratified_split(ref('customers'), key='customer_id', by='churn', test_share=0.25, seed=7) }}
