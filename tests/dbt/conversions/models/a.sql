{% set j = fromjson('{"b": [1, 2.5, null, true], "a": {"x": "é"}}') %}
{% set y = fromyaml('a: yes\nb: [1, 2]\nc: 2024-01-01\nd: 010\ne: ~\nf: "q"\ng: on\nh: 1.0\ni: 1e3\nj: 0x10\nk: 12:30\nl: 2024-01-01 10:00:00\nm: no\nn: "no"\n') %}
{{ said([
    ('j', j), ('j deep', j.a.x), ('tojson', tojson({'b': 1, 'a': [none, true, 'é', 1.0]})), ('tojson sorted', tojson({'b': 1, 'a': 2}, sort_keys=true)), ('bad json', fromjson('{', 'a default')), ('y', y), ('y a', y.a is sameas true), ('toyaml', toyaml({'b': [1, 'two'], 'a': {'x': none}})), ('toyaml sorted', toyaml({'b': 1, 'a': 'yes'}, sort_keys=true)), ('bad yaml', fromyaml('a: [', 'dflt')), ('toyaml list', toyaml(['a', {'b': 1}])), ('yaml multi', toyaml({'t': 'two\nlines'})),
    ('filter tojson', {'a': '<b>'} | tojson), ('as_number', '3' | as_number), ('as_bool', 'true' | as_bool), ('as_text', '3' | as_text), ('as_native', '[1, 2]' | as_native), ('zip', zip([1], [2]) | list), ('set', set('aab') | sort), ('set none', set(1, 'dflt')), ('zip bad', zip(1, default='d')),
    ('nested quote', tojson({'q': "it's"})), ('unicode', tojson('ü')), ('float', tojson([1.0, 1e20, 0.1])), ('list of rows', fromjson('[{"a": 1}, {"a": 2}]') | map(attribute='a') | list), ('tojson indent', {'a': [1]} | tojson(indent=2)),
]) }}
