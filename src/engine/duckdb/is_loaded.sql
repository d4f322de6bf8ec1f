-- Returns whether an extension is part of this build or loaded already. ?: its name.
select loaded from duckdb_extensions() where extension_name = ?;
