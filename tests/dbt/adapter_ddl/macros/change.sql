{% macro change() %}
    {% set s = api.Relation.create(database=target.database, schema='made') %}
    {% do adapter.create_schema(s) %}
    {% set t = adapter.get_relation(target.database, target.schema, 't') %}
    {% set other = api.Relation.create(database=target.database, schema='made', identifier='copied', type='table') %}
    {% do run_query(create_table_as(false, other, 'select * from ' ~ t)) %}
    {% do adapter.rename_relation(other, other.incorporate(path={'identifier': 'renamed'})) %}
    {% set renamed = other.incorporate(path={'identifier': 'renamed'}) %}
    {% do alter_relation_add_remove_columns(renamed, [api.Column.create('more', 'integer')], [api.Column.create('name', 'varchar')]) %}
    {% do run_query(create_view_as(other.incorporate(path={'identifier': 'v'}, type='view'), 'select 5 as five')) %}
    {% do adapter.truncate_relation(renamed) %}
    {{ print(adapter.get_columns_in_relation(renamed) | map(attribute='name') | list) }}
    {% do adapter.drop_relation(t) %}
    {{ print(load_relation(t) is none) }}
    {% do adapter.create_schema(api.Relation.create(database=target.database, schema='gone')) %}
    {% do adapter.drop_schema(api.Relation.create(database=target.database, schema='gone')) %}
    {{ print(make_temp_relation(renamed).identifier.startswith('renamed__dbt_tmp')) }}
    {{ print(get_or_create_relation(target.database, 'made', 'nothing', 'table')[0]) }}
    {% set results = run_query('select n, n * 2 as m from range(3) as t (n)') %}
    {% do results.print_table() %}
    {{ print(dbt_duckdb_state(results)) }}
    {% do run_query('insert into made.renamed values (9, 10)') %}
    {% do adapter.commit() if false %}
{% endmacro %}
{% macro dbt_duckdb_state(results) %}{{ return(results.columns['m'].values() | list) }}{% endmacro %}
