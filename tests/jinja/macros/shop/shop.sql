{# Macros of the root project. #}
{% macro cents(column, scale=2) -%}
  round({{ column }} / 100, {{ scale }})
{%- endmacro %}

{% macro add(a, b=a + 1) %}{{ return(a + b) }}{% endmacro %}

{% macro many(first) %}{{ first }}|{{ varargs }}|{{ kwargs }}|{{ varargs | length }}{% endmacro %}

{% macro boxed(label) %}
[{{ label }}: {{ caller() }}]
{% endmacro %}

{% macro each(items) %}{% for item in items %}<{{ caller(item, loop.index) }}>{% endfor %}{% endmacro %}

{% macro fact(n) %}{% if n <= 1 %}{{ return(1) }}{% endif %}{{ return(n * fact(n - 1)) }}{% endmacro %}

{% macro first_even(items) %}
  {% for item in items %}
    {% if item % 2 == 0 %}{{ return(item) }}{% endif %}
  {% endfor %}
  {{ return(none) }}
{% endmacro %}

{% macro maybe(flag) %}text {{ return('returned') if flag }} after{% endmacro %}

{% macro collect(into, value) %}{% do into.append(value) %}{% endmacro %}

{% macro override() %}shop{% endmacro %}

{% macro defaults(a, b=[], c={}, d=none, e=-1, f='x' ~ 'y', g=target.name) %}
{%- do b.append(a) -%}
{{ a }} {{ b }} {{ c }} {{ d }} {{ e }} {{ f }} {{ g }}
{%- endmacro %}

{% macro apply(function, value) %}{{ function(value) }}{% endmacro %}

{% macro typed(a: int, b: list[str] = ['q']) %}{{ a }}{{ b }}{% endmacro %}

{% macro names() %}{{ return(['x', 'y']) }}{% endmacro %}

{% macro whitespace() %}
  a
  {%- if true %} b {% endif -%}
  c
{% endmacro %}

{% macro nested_call(x) %}{% call boxed(x) %}inner {{ x }}{% endcall %}{% endmacro %}

{% test positive(model, column) %}select * from {{ model }} where {{ column }} <= 0{% endtest %}

{%- macro pivot(column, values, alias=true, agg='sum', then_value=1, prefix='') -%}
  {%- for value in values %}
    {{ agg }}(case when {{ column }} = '{{ value }}' then {{ then_value }} end)
    {%- if alias %} as {{ (prefix ~ value) | replace(' ', '_') | lower }}{% endif %}
    {%- if not loop.last %},{% endif %}
  {%- endfor %}
{%- endmacro -%}
