{% filter upper %}abc {{ 'd' }}{% endfilter %}{% filter replace('a', 'b') | trim %}  aaa {% endfilter %}|{% filter indent(2) %}x
y{% endfilter %}