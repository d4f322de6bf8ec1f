{% macro named(ms) %}{% for m in ms %}{{ m.group(0) }}{{ m.start() }} {% endfor %}{% endmacro %}
