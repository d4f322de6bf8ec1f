{% macro note(what, n) %}insert into said values ('{{ what }}', {{ n }}){% if not execute %}{% endif %}{% if what == 'by hand' %}{% do run_query("insert into said values ('" ~ what ~ "', " ~ n ~ ")") %}{% endif %}{% endmacro %}
{% macro answer() %}{{ print('the answer is ' ~ run_query('select 42 as x').rows[0].x) }}{{ log('logged', info=false) }}{{ print(dbt_version is string) }}{% endmacro %}
