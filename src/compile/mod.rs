//! `(Project, Catalog) -> Plan`: parsing, graph, selection, SQL with the way back to template lines. Pure: no file, no clock, no warehouse.
