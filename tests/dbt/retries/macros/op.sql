{% macro op(name) %}{% do run_query('create table ' ~ name ~ ' as select * from ' ~ var('from', 'nowhere')) %}{% endmacro %}
