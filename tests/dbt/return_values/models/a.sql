{% set found = typed('dict') %}
{{ said([
    ('early', early(2)),
    ('loop', early(1)),
    ('first', early(0)),
    ('dict', found.a[1] + 1),
    ('none', typed('none') is none),
    ('number', typed('number') + 1),
    ('bool', typed('bool') == false),
    ('nested', typed('nested')),
    ('set', typed('set')),
    ('inline', typed('inline')),
    ('text', typed('text')),
    ('nothing', typed('nothing')),
    ('empty is', typed('nothing') is string),
    ('call', typed('call')),
    ('in filter', typed('number') | string | length),
    ('in text', 'a' ~ typed('number') ~ 'b'),
]) }}
