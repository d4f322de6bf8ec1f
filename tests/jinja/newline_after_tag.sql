{% set x = 1 %}
{% set y = 2 %}

select {{ x }}
{% if true %}
b
{% endif %}
