{% if execute %}
{% set t = run_query("select 2.50::decimal(10, 2) as price, 7 as n, 0.1::double as share, 12345678901234567890.5::decimal(22, 1) as large, date '2024-01-31' as day, timestamp '2024-01-31 10:20:30.5' as at, null as nothing, sum(x)::hugeint as total from (values (1), (2)) as v (x)") %}
{% set row = t.rows[0] %}
{% set price = row['price'] %}
{{ said([
    ('price', price), ('in a list', [price]), ('row', row.values()), ('share', row['share']), ('large', row['large']), ('total', row['total'] + 1),
    ('plus', price + 1), ('minus', 1 - price), ('times', price * 2), ('over', price / 2), ('third', price / 3), ('floor', price // 2), ('rest', price % 2), ('both', price + row['share']),
    ('compare', [price > 2, price == 2.5, price < 2, 3 >= price, price != 2, price <= 2.5]), ('between', 2 < price < 3), ('truth', 'yes' if price else 'no'), ('zero', 'yes' if price - price else 'no'),
    ('int', price | int), ('float', price | float), ('round', price | round(1)), ('round half', price | round), ('negative', -price), ('abs', (-1 * price) | abs), ('sum', t.columns['price'].values() | sum), ('max', [price, price + 1] | max),
    ('is', [price is number, price is integer, price is float, price is string, row['n'] is integer]), ('text', price ~ '!'), ('string', price | string | length),
    ('percent', '%s %d %.1f %5.2f' % (price, price, price, price)), ('format', '{} {:.1f} {:>8} {:,.3f}'.format(price, price, price, row['large'])),
    ('day', row['day']), ('at', row['at']), ('day in a list', [row['day'], row['at']]), ('day type', row['day'].strftime('%d.%m.%Y')), ('formatted day', '{:%Y/%m}'.format(row['day'])),
    ('delta', [modules.datetime.timedelta(days=1, hours=2), modules.datetime.timedelta(0)]), ('types', t.column_types | length),
    ('concat', 'a' ~ 1 ~ none ~ 1.5 ~ [1, 'b'] ~ (1,)), ('nested', {'p': price, 'l': [none, true]}),
    ('chained words', '%(a)s-%(b)s' % {'a': price, 'b': row['day']}), ('thread', thread_id.startswith('Thread-')), ('selected', selected_resources | length),
]) }}
{% else %}
select 'a' as what, 'b' as said
{% endif %}
