{% do exceptions.warn('careful') if execute %}
select 1 as id
