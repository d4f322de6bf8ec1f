-- Every relation and macro of a database: its name as SQL writes it, kind, comment, columns and constraints (JSON).
with columns as (
    select
        schema_name,
        table_name,
        to_json(list([column_name, data_type, comment] order by column_index)) as columns
    from duckdb_columns()
    where database_name = current_database()
    group by all
),

constraints as (
    select schema_name, table_name, to_json(list(constraint_text order by constraint_text)) as constraints
    from duckdb_constraints()
    where database_name = current_database()
    group by all
),

relations as (
    select schema_name, table_name, 'table' as kind, comment
    from duckdb_tables()
    where not internal and database_name = current_database()
    union all
    select schema_name, view_name as table_name, 'view', comment
    from duckdb_views()
    where not internal and database_name = current_database()
)

select
    format('"{}"."{}"', replace(schema_name, '"', '""'), replace(table_name, '"', '""')),
    kind,
    comment,
    columns,
    coalesce(constraints, '[]')
from relations
left join columns using (schema_name, table_name)
left join constraints using (schema_name, table_name)
union all
select
    format('"{}"."{}"', schema_name, function_name),
    function_type,
    macro_definition,
    to_json(parameters),
    '[]'
from duckdb_functions()
where not internal and database_name = current_database()
order by all
