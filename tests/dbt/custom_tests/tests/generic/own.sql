{% test not_null(model, column_name) %}
-- our own
{{ config(fail_calc='coalesce(max(n), 0)') }}
select count(*) as n from {{ model }} where {{ column_name }} is null having count(*) > 0
{% endtest %}
