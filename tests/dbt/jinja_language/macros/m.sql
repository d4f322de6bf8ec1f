{% macro tree(n) %}{{ n }}{% if n > 0 %}({{ tree(n - 1) }}){% endif %}{% endmacro %}
{% macro looped() -%}
{% for a, b in [(1, 2), (3, 4)] -%}{{ loop.index }}/{{ loop.length }}:{{ a + b }}{{ '!' if loop.first }}{{ loop.cycle('x', 'y') }}{{ loop.revindex0 }}{{ loop.previtem if loop.previtem is defined }}{{ loop.nextitem is defined }};{%- endfor %}
{%- for x in [] %}never{% else %}empty{% endfor %}
{%- for x in range(6) if x is odd %}{{ x }}{{ loop.changed(x // 2) }}{% endfor %}
{%- for row in [1, [2, [3]]] recursive %}<{{ loop(row) if row is iterable else row }}>{% endfor %}
{%- for k in {'a': 1, 'b': 2} %}{{ k }}{{ loop.depth }}{% endfor %}
{%- endmacro %}
{% macro controls() %}{% for x in range(10) %}{% if x == 2 %}{% continue %}{% endif %}{% if x == 5 %}{% break %}{% endif %}{{ x }}{% endfor %}{% endmacro %}
{% macro scopes() -%}
{% set a = 1 %}{% if true %}{% set a = 2 %}{% endif %}{{ a }}{% for x in [1] %}{% set a = 3 %}{{ a }}{% endfor %}{{ a }}
{%- set ns = namespace(v=0, l=[]) %}{% for x in [1, 2] %}{% set ns.v = ns.v + x %}{% do ns.l.append(x) %}{% endfor %}{{ ns.v }}{{ ns.l }}
{%- set block %}text {{ a }}{% endset %}[{{ block }}]{% set up | upper %}low{% endset %}{{ up }}{% with a = 9, b = 2 %}{{ a * b }}{% endwith %}{{ a }}
{%- filter upper %}filtered{% endfilter %}
{%- endmacro %}
