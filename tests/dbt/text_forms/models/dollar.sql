select $$a 'quoted' text$$ as a, 'x' /* comment {# jinja #} */ as b -- trailing {{ '{{ not jinja }}' }}
