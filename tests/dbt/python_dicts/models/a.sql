{% set d = {'b': 1, 'a': {'x': [1, 2]}, 3: 'three'} %}
{% set copy = d.copy() %}
{% do d.update({'c': 2}) %}{% do d.update(e=5) %}
{% set popped = d.pop('b') %}{% set gone = d.pop('gone', 'default') %}
{% set was = d.setdefault('c', 9) %}{% set new = d.setdefault('f', []) %}
{% do d['f'].append('in f') %}
{% set other = dict(x=1, y='z') %}
{% set made = dict([('k', 1), ('l', 2)]) %}
{% set last = {'p': 1, 'q': 2}.popitem() %}
{% set cleared = {'a': 1} %}{% do cleared.clear() %}
{% set ordered = {} %}{% for k in ['z', 'y', 'x'] %}{% do ordered.update({k: loop.index}) %}{% endfor %}
{{ said([
    ('d', d), ('copy', copy), ('popped', popped), ('gone', gone), ('was', was), ('new', new), ('other', other), ('made', made), ('last', last), ('cleared', cleared),
    ('keys list', d.keys() | list), ('values', other.values() | list), ('items list', other.items() | list),
    ('get', d.get('c')), ('get none', d.get('no')), ('get default', d.get('no', 'def')), ('get number', d[3]), ('dot', d.a.x[1]), ('sub', d['a']['x'][0]),
    ('in', 'c' in d), ('not in', 'no' not in d), ('length', d | length), ('equal', {'a': 1} == {'a': 1}), ('undefined', d.no is defined), ('missing', d.no | default('dflt')),
    ('ordered', ordered), ('dictsort', {'b': 1, 'A': 2} | dictsort), ('by value', {'a': 2, 'b': 1} | dictsort(by='value')), ('reverse', {'a': 2, 'b': 1} | dictsort(reverse=true)),
    ('fromkeys', {}.fromkeys(['a', 'b'], 0)), ('loop', loop_of(ordered)), ('items filter', other | items | list),
    ('attr over key', {'items': 1}['items']), ('nested default', ({} | default({'a': 1}, true)).a), ('string keys', {'a b': 1, "c'd": "e'f"}), ('bools', {'t': true, 'n': none, 'f': 1.0}),
    ('merge', dict({'a': 1}, **{'b': 2})), ('is mapping', d is mapping), ('sequence', [1] is sequence), ('is iterable', d is iterable), ('pprint', {'a': 1} | pprint),
]) }}
