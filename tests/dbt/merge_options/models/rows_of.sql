{{ config(materialized='ephemeral') }}
{% if var('round') == 1 %}
select * from (values (1, 'a', 10), (2, 'b', 20), (3, 'c', 30)) as t (id, name, amount)
{% else %}
select * from (values (2, 'bb', 5), (3, 'cc', 300), (4, 'd', 40)) as t (id, name, amount)
{% endif %}
