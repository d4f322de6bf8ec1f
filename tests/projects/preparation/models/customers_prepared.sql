{{ apply_preparation(
    ref('customers_split'),
    parameters=ref('preparation'),
    numeric=['tenure', 'charge'],
    categorical=['contract', 'internet', 'partner'],
    one_hot=['contract', 'internet'],
    label=['partner'],
) }}
