{% macro loop_of(d) %}{% for k, v in d.items() %}{{ k }}={{ v }}{{ loop.last }} {% endfor %}{% endmacro %}
