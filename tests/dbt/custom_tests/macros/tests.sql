{% test at_least(model, column_name, least=0, unit=none) %}
{{ config(severity='error') }}
select {{ column_name }} from {{ model }} where {{ column_name }} < {{ least }}
{% endtest %}
{% test rows_of(model, n) %}
select 1 from (select count(*) as n from {{ model }}) where n <> {{ n }}
{% endtest %}
