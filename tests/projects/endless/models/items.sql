{% set items = [1] %}{% for x in range(100) %}{% do items.extend(items) %}{% endfor %}select {{ items | length }}
