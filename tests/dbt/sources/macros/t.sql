{% test dbt_is_small(model, most) %}select count(*) from {{ model }} having count(*) > {{ most }}{% endtest %}
