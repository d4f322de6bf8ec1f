//! Pages written from data: Markdown with SQL and charts becomes one HTML file. Reads the warehouse, never writes it.
