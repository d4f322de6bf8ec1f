-- Attaches a database. path, alias (or none), options: pairs of a word and a value, or a word alone.
attach if not exists {{ path | literal }}{% if alias %} as {{ alias | ident }}{% endif %}
{%- if options %} ({% for word, value in options %}{{ word }}{% if value is not none %} {{ value | literal }}{% endif %}{{ '' if loop.last else ', ' }}{% endfor %}){% endif %}
