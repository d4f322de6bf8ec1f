{{ said([
    ('s', '%s and %s' % ('a', 1)), ('one', 'x %s' % 'y'), ('list', '%s' % [1, 'a']), ('d', '%d|%5d|%-5d|%05d' % (1, 2, 3, 4)), ('d of float', '%d' % 3.9),
    ('f', '%f %.2f %8.3f %+.1f' % (1.5, 2.345, 3.14159, 2)), ('e', '%e %.1E' % (12345.678, 0.00012)), ('g', '%g %g' % (0.0001, 1e10)), ('x', '%x %X %#x %o' % (255, 255, 255, 8)),
    ('r', '%r %r' % ('a', none)), ('name', '%(a)s-%(b)03d' % {'a': 'x', 'b': 7}), ('percent', '100%% of %s' % 'x'), ('c', '%c' % 'x'), ('pad', '[%10s] [%-10s] [%.2s]' % ('abc', 'abc', 'abc')),
    ('filter', '%s=%d' | format('a', 3)), ('star', '%*d' % (5, 42)),
    ('int div', 7 // 2), ('neg div', -7 // 2), ('mod', -7 % 3), ('float div', 7 / 2), ('whole div', 6 / 2), ('power', 2 ** 10), ('neg power', 2 ** -1), ('float', 1e3), ('tiny', 0.1 + 0.2), ('big', 2 ** 70),
    ('true plus', true + 1), ('int', '42' | int + 1), ('int bad', 'x' | int), ('int default', 'x' | int(5)), ('int base', '0x1A' | int(base=16)), ('float of', '3.5' | float), ('float bad', 'x' | float),
    ('round', 2.5 | round), ('round half', 3.5 | round), ('round 2', 2.675 | round(2)), ('ceil', 2.1 | round(0, 'ceil')), ('floor', 2.9 | round(method='floor')), ('abs', -3 | abs),
    ('huge', 1e16), ('small', 1e-5), ('compare', 1 == 1.0), ('chain', 1 < 2 < 3), ('not', not 1), ('and', 0 and 2), ('or', 0 or 'x'),
    ('string int', 'a' ~ 1 ~ none ~ true), ('int is', 3 is integer), ('float is', 3.0 is float), ('filesize', 1234567 | filesizeformat), ('divisible', 9 is divisibleby 3),
    ('underscore', 1_000), ('hex', 0x1f), ('bin', 0b101),
]) }}
