-- Returns the engine's own name of a SQL type. dtype: the type as declared.
select typeof(cast(null as {{ dtype }}))
