{% set l = [3, 1, 2] %}
{% set copy = l.copy() %}
{% do l.append(5) %}{% do l.extend([7, 8]) %}{% do l.insert(0, 9) %}
{% set popped = l.pop() %}{% set first = l.pop(0) %}
{% do l.remove(1) %}{% do l.reverse() %}
{% set sorted = [3, 1, 2] %}{% do sorted.sort() %}
{% set down = ['b', 'C', 'a'] %}{% do down.sort(reverse=true) %}
{% set cleared = [1] %}{% do cleared.clear() %}
{% set nested = [[1, 2], [3]] %}
{% set one, two = (1, 'two') %}
{% set ns = namespace(l=[]) %}
{% for i in range(3) %}{% set ns.l = ns.l + [i] %}{% endfor %}

{{ said([
    ('l', l), ('copy', copy), ('popped', popped), ('first', first), ('sorted', sorted), ('down', down), ('cleared', cleared),
    ('index', l.index(5)), ('count', [1, 1, 2].count(1)), ('plus', [1] + [2, 'a']), ('times', [0] * 3),
    ('slice', [1, 2, 3, 4][1:3]), ('negative', [1, 2, 3][-1]), ('step', [1, 2, 3, 4][::2]), ('back', [1, 2, 3][::-1]),
    ('in', 2 in [1, 2]), ('tuple', (1, 'a')), ('one tuple', (1,)), ('empty', [] or 'empty'), ('none', [none, true, 1.0, 1.5e10]),
    ('equal', [1, 2] == [1, 2]), ('less', [1, 2] < [1, 3]), ('nested', nested[0][1]), ('sum', nested | sum(start=[])),
    ('unpacked', two ~ one), ('namespace', ns.l), ('range', range(2, 10, 3) | list), ('range down', range(3, 0, -1) | list),
    ('zip', zip([1, 2], ['a', 'b']) | list), ('zip none', zip('ab', [1])| list), ('set', set([1, 1, 2]) | list | sort), ('set has', 1 in set([1])),
    ('union', set([1]).union([2]) | sort), ('minus', (set([1, 2]) - set([2])) | list), ('intersection', set([1, 2]).intersection(set([2, 3])) | list),
    ('try_zip', try_zip([1], [2]) | list if try_zip is defined else '-'), ('strict', set_strict([1, 2]) | sort | string), ('zip strict', zip_strict([1], [2]) | list),
    ('enumerate', dict(zip(['a', 'b'], [1, 2]))),
    ('sort', ['b', 'A', 'c'] | sort), ('sort case', ['b', 'A', 'c'] | sort(case_sensitive=true)), ('sort attribute', [{'n': 2}, {'n': 1}] | sort(attribute='n')),
    ('unique', ['a', 'A', 'b'] | unique | list), ('reverse', [1, 2, 3] | reverse | list), ('first last', ([1, 2] | first) ~ ([1, 2] | last)),
    ('batch', [1, 2, 3] | batch(2, 'x') | list), ('slices', [1, 2, 3] | slice(2) | list), ('min max', ([3, 1] | min) ~ ([3, 1] | max)),
    ('map', ['a', 'b'] | map('upper') | list), ('map attribute', [{'n': 1}, {}] | map(attribute='n', default='-') | list),
    ('select', [1, 2, 3, 4] | select('even') | list), ('reject', [1, none, 2] | reject('none') | list), ('selectattr', [{'n': 1, 'ok': true}, {'n': 2, 'ok': false}] | selectattr('ok') | map(attribute='n') | list),
    ('selectattr test', [{'n': 1}, {'n': 5}] | selectattr('n', 'gt', 2) | list), ('rejectattr', [{'n': 1}, {'n': 5}] | rejectattr('n', 'equalto', 1) | list),
    ('groupby', [{'k': 'b', 'n': 1}, {'k': 'a', 'n': 2}, {'k': 'b', 'n': 3}] | groupby('k') | map(attribute=0) | list),
    ('join', [1, 'a', none] | join('|')), ('join attribute', [{'n': 1}, {'n': 2}] | join(',', attribute='n')), ('list of string', 'abc' | list), ('length', [1, 2] | count),
    ('random is in', ([7] | random)), ('last of none', [] | first is undefined),
]) }}
