{% test above(model, column_name, least) %}
select * from {{ model }} where not ({{ column_name }} >= {{ least }})
{% endtest %}
