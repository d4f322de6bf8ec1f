-- Writes a column as text that the warehouse's type reads: bytes as \xAB, arrays as JSON, money as a number.
{% if kind == "bytes" %}regexp_replace(encode(wh.{{ name | ident }}, 'hex'), '(..)', '\\x\1', 'g')
{%- elif kind == "array" %}to_json(wh.{{ name | ident }})
{%- elif kind == "money" %}wh.{{ name | ident }}::numeric
{%- else %}wh.{{ name | ident }}
{%- endif %}
