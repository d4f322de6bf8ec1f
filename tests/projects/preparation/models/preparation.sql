{{ fit_preparation(
    ref('customers_split'),
    numeric=['tenure', 'charge'],
    categorical=['contract', 'internet', 'partner'],
) }}
