-- Installs, when it is not there yet, and loads a DuckDB extension. extension: its name.
install {{ extension | ident }};
load {{ extension | ident }};
