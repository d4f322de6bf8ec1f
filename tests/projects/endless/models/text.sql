{% set ns = namespace(text='0123456789') %}{% for x in range(100) %}{% set ns.text = ns.text ~ ns.text %}{% endfor %}select '{{ ns.text }}'
