-- depends_on: {{ ref('fruit') }}
{% if execute %}
{% set prices = prices() %}
{% set every = all_of_it() %}
{% set table = every['table'] %}
{{ said([
    ('names', prices.columns[0].values()),
    ('names as list', prices.columns[0].values() | list),
    ('by name', prices.columns['price'].values() | map('string') | list),
    ('column names', table.column_names),
    ('rows', table.rows | length),
    ('row by index', table.rows[0][1]),
    ('row by name', table.rows[1]['name']),
    ('row values', table.rows[2].values()),
    ('row dict', table.rows[0].dict().keys() | list),
    ('null', table.rows[1]['price'] is none),
    ('sum', table.columns['id'].values() | sum),
    ('column count', table.columns | length),
    ('data', every['data']),
    ('response', every['response']),
    ('loop', loop_over(table)),
    ('column name', table.columns[0].name),
    ('distinct', table.columns['sold'].values_distinct() | list | length),
    ('no nulls', table.columns['price'].values_without_nulls() | list | length),
    ('truth', 'rows' if prices else 'none'),
    ('length', prices | length),
    ('value', dbt_utils_like(prices)),
]) }}
{% else %}
select 1
{% endif %}
