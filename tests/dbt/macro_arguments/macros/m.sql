{% macro pick(a, b=2, c='x') %}{{ a }}-{{ b }}-{{ c }}{% endmacro %}
{% macro all() %}{{ varargs }} {{ kwargs }}{% endmacro %}
{% macro some(first) %}{{ first }}|{{ varargs | join(',') }}|{{ kwargs.items() | list }}{% endmacro %}
{% macro each(items) %}{% for item in items %}{{ caller(item, loop.index) }}{% endfor %}{% endmacro %}
{% macro wrap(tag='b') %}<{{ tag }}>{{ caller() }}</{{ tag }}>{% endmacro %}
{% macro apply(f, value) %}{{ f(value) }}{% endmacro %}
{% macro later(a, b=a) %}{{ a }}{{ b }}{% endmacro %}
{% macro _private(x) %}p{{ x }}{% endmacro %}
{% macro optional(a, b=none) %}{{ 'given' if b is not none else 'not given' }}{{ a is defined }}{% endmacro %}
