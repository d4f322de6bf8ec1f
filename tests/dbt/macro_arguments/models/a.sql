{% set listed = {'b': 5} %}
{{ said([
    ('positions', pick(1)),
    ('named', pick(c=3, a=1)),
    ('mixed', pick(1, c='z')),
    ('star', pick(*[7, 8])),
    ('double star', pick(1, **listed)),
    ('all', all(1, 'two', x=3)),
    ('none of all', all()),
    ('some', some(1, 2, 3, k='v', l=[1])),
    ('value', apply(pick, 9)),
    ('private', _private(1)),
    ('missing', optional()),
    ('through context', context['pick'](5)),
    ('through package', shop.pick(6)),
]) }}
union all
select 'call', '{% call(item, n) each(["a", "b"]) %}{{ n }}={{ item }};{% endcall %}'
union all
select 'nested call', '{% call wrap("i") %}x{% call wrap() %}y{% endcall %}{% endcall %}'
