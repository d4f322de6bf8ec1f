{% set s = '  Grüße, World_of dbt  ' %}
{% set w = 'one,two,,three' %}
{{ said([
    ('upper', s.upper()), ('lower', s.lower()), ('title', s.title()), ('capitalize', s.strip().capitalize()),
    ('swapcase', s.swapcase()), ('casefold', 'ß'.casefold()),
    ('strip', '[' ~ s.strip() ~ ']'), ('lstrip', '[' ~ s.lstrip() ~ ']'), ('rstrip', '[' ~ s.rstrip() ~ ']'),
    ('strip of', 'xxaxx'.strip('x')), ('lstrip of', 'abcab'.lstrip('ab')), ('rstrip of', 'a.sql'.rstrip('.sql')),
    ('split', w.split(',')), ('split none', ' a  b '.split()), ('split max', w.split(',', 1)), ('rsplit', w.rsplit(',', 1)),
    ('splitlines', 'a\nb\r\nc\n'.splitlines()), ('partition', w.partition(',')), ('rpartition', w.rpartition(',')),
    ('no partition', 'a'.partition('-')),
    ('replace', 'aaa'.replace('a', 'b')), ('replace n', 'aaa'.replace('a', 'b', 2)),
    ('find', w.find('two')), ('find none', w.find('x')), ('rfind', w.rfind('t')), ('index', w.index('two')), ('count', w.count(',')),
    ('starts', w.startswith('one')), ('starts any', w.startswith(('x', 'one'))), ('ends', w.endswith('three')), ('starts at', w.startswith('two', 4)),
    ('join', '-'.join(['a', 'b'])), ('join string', '-'.join('abc')),
    ('zfill', '7'.zfill(3)), ('zfill sign', '-7'.zfill(4)), ('center', 'a'.center(5, '*')), ('ljust', 'a'.ljust(3, '.')), ('rjust', 'a'.rjust(3)),
    ('isdigit', '12'.isdigit()), ('isalpha', 'ab1'.isalpha()), ('isalnum', 'ab1'.isalnum()), ('isspace', ' '.isspace()),
    ('isupper', 'AB'.isupper()), ('islower', 'aB'.islower()), ('isnumeric', '1.5'.isnumeric()), ('isidentifier', 'a b'.isidentifier()),
    ('isdecimal', '12'.isdecimal()), ('istitle', 'Ab Cd'.istitle()),
    ('format', '{} and {}'.format(1, 'b')), ('format index', '{1}{0}'.format('a', 'b')), ('format name', '{x:>5}|{y:<4}|'.format(x=1, y='b')),
    ('format number', '{:,.2f}'.format(1234567.891)), ('format pad', '{:05d}'.format(42)), ('format percent', '{:.1%}'.format(0.256)),
    ('format hex', '{:x} {:#b}'.format(255, 5)), ('format center', '{:^7}'.format('a')), ('braces', '{{}}'.format()),
    ('slice', w[0:3]), ('slice back', w[::-1]), ('slice last', w[-5:]), ('char', w[0]), ('step', 'abcdef'[1:5:2]),
    ('in', 'two' in w), ('not in', 'x' not in w), ('times', 'ab' * 3), ('length', s | length), ('compare', 'a' < 'b'),
    ('expandtabs', 'a\tb'.expandtabs(4)), ('removeprefix', 'stg_orders'.removeprefix('stg_')), ('removesuffix', 'a.csv'.removesuffix('.csv')),

    ('escape', 'it''s "q"'), ('repr', ['it\'s', 'a"b', 'c\\d', 'ü']),
]) }}
