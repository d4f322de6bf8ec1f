{% set before = one.recall('k') %}
{% do one.remember('k', 'v') %}
{% set s = set([2, 1, 2]) %}
{% do s.add(3) %}
{{ said([
    ('before', before), ('after', one.recall('k')), ('model', model.name), ('macro', one.model()),
    ('same', one.same_columns(['A', 'b'], ['B', 'a'])), ('other', one.same_columns(['A'], ['B'])),
    ('is set', s == set([3, 2, 1])), ('length', s | length), ('sorted', s | sort), ('in', 2 in s),
    ('minus', s - set([1]) == set([2, 3])), ('union', s.union([9]) | sort | list), ('empty', set([])), ('or default', set(1, 'no')),
    ('one', set(['a'])), ('as text', set(['a']) | string),
]) }}
