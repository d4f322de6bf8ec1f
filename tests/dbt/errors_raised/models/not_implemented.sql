{% if execute %}{% do exceptions.raise_not_implemented('not yet') %}{% endif %} select 1 as id
