select '{% raw %}{{ kept }}{% endraw %}' as r, '{{ "{{" }}' as s, '{{ '%' }}' as p
