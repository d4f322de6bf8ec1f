-- Returns whether a setting is the same for all connections. ?: its name.
select scope = 'GLOBAL' from duckdb_settings() where lower(name) = lower(?);
