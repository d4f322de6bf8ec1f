{{ training_set(labels=ref('labels'), entity='customer_id', timestamp='label_date', features=['activity:n_orders']) }}
