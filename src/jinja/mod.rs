//! dbt's Jinja dialect on minijinja: macros, `return`, mutable lists, call blocks. Knows no project and no warehouse; what templates may ask of them is handed in.
