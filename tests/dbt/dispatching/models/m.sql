{{ said([('a', one.a()), ('b', one.b()), ('c', one.c()), ('d', one.d()), ('own', own(1)), ('by name', by_name()), ('two c', two.c()), ('unprefixed', e())]) }}
