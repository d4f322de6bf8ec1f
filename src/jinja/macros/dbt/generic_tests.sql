{#- dbt's four generic tests. Each selects the offending rows; none is a pass. -#}

{% macro get_where_subquery(relation) %}
  {%- set where = config.get('where', '') -%}
  {%- if where -%}
    {%- do return('(select * from ' ~ relation ~ ' where ' ~ where ~ ') dbt_subquery') -%}
  {%- endif -%}
  {%- do return(relation) -%}
{% endmacro %}

{% test not_null(model, column_name) -%}
  {{- adapter.dispatch('test_not_null', 'dbt')(model, column_name) -}}
{%- endtest %}

{% macro default__test_not_null(model, column_name) -%}
select *
from {{ model }}
where {{ column_name }} is null
{%- endmacro %}

{% test unique(model, column_name) -%}
  {{- adapter.dispatch('test_unique', 'dbt')(model, column_name) -}}
{%- endtest %}

{% macro default__test_unique(model, column_name) -%}
select
    {{ column_name }} as unique_field,
    count(*) as n_records
from {{ model }}
where {{ column_name }} is not null
group by {{ column_name }}
having count(*) > 1
{%- endmacro %}

{% test accepted_values(model, column_name, values, quote=true) -%}
  {{- adapter.dispatch('test_accepted_values', 'dbt')(model, column_name, values, quote) -}}
{%- endtest %}

{% macro default__test_accepted_values(model, column_name, values, quote=true) -%}
select
    {{ column_name }} as value_field,
    count(*) as n_records
from {{ model }}
where {{ column_name }} not in (
    {%- for value in values %}
    {% if quote %}'{{ value | replace("'", "''") }}'{% else %}{{ value }}{% endif %}{% if not loop.last %},{% endif %}
    {%- endfor %}
)
group by {{ column_name }}
{%- endmacro %}

{% test relationships(model, column_name, to, field) -%}
  {{- adapter.dispatch('test_relationships', 'dbt')(model, column_name, to, field) -}}
{%- endtest %}

{% macro default__test_relationships(model, column_name, to, field) -%}
select child.{{ column_name }} as from_field
from {{ model }} as child
left join {{ to }} as parent
    on child.{{ column_name }} = parent.{{ field }}
where child.{{ column_name }} is not null
    and parent.{{ field }} is null
{%- endmacro %}
