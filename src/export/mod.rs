//! Sends the rows of tables to the outside. Reads the warehouse, never writes it.
