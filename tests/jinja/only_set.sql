{% set x = 1 %}
