-- Returns the engine's own name of a declared type.
select typeof(cast(null as {{ type }})) as type_name
